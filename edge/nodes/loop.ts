import { z } from "zod";
import { type ConfigExpression, defineNode } from "#blueprints/node";
import type { ScopeDecision, ScopeFrame, ScopeView } from "#blueprints/node-scope";

/** Iterations of one loop. */
const most = 1_000;

const config = z.strictObject({
  items: z
    .array(z.unknown())
    .max(most, `at most ${most} items`)
    .optional()
    .describe("The list to go through, e.g. `{{ input.leads }}`. Give this or `while`."),
  while: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Condition in the expression language, asked before each pass; sees `index` and `last`, the result of the pass before (null at first).",
    ),
  as: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,39}$/, "lower case letters, digits and _")
    .default("item")
    .describe("Name of the item in the body's expressions; the number of the pass is `index`."),
  max_iterations: z
    .int()
    .min(1)
    .max(most)
    .default(most)
    .describe("A loop that would need more fails with `loop.too-many-iterations`."),
  concurrency: z
    .int()
    .min(1)
    .max(50)
    .default(1)
    .describe("Passes at once; 1: one after the other. With `while` always 1."),
  break_when: z
    .string()
    .min(1)
    .optional()
    .describe("Condition over the steps and the item of a finished pass; true ends the loop."),
  result: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Expression over the steps and the item of a pass for its result; absent: the output of its last step.",
    ),
  on_error: z
    .enum(["fail", "continue"])
    .default("fail")
    .describe("`continue` keeps what failed in `errors` and goes on."),
});
type Config = z.infer<typeof config>;

const output = z.object({
  results: z
    .array(z.unknown())
    .describe("Of every pass in the order of the items; null for one that failed."),
  errors: z.array(z.object({ index: z.number(), code: z.string(), message: z.string() })),
  count: z.number().describe("Passes that ran."),
  broke: z.boolean().describe("Whether `break_when` ended the loop."),
});

function resultOf(view: ScopeView, { result }: Config, frame: ScopeFrame): unknown {
  if (frame.status !== "succeeded") return null;
  return result === undefined ? frame.output : view.evaluate(result, { key: frame.key });
}

/** A finished pass is asked once: its steps do not change any more. */
const asked = new WeakMap<ScopeFrame, boolean>();

function isBreak(view: ScopeView, { break_when: condition }: Config, frame: ScopeFrame): boolean {
  if (condition === undefined || frame.status !== "succeeded") return false;
  const known = asked.get(frame) ?? view.evaluate(condition, { key: frame.key }) === true;
  asked.set(frame, known);
  return known;
}

function finish(view: ScopeView, wanted: Config, broke: boolean): ScopeDecision {
  const passes = view.frames.filter(({ status }) => status === "succeeded" || status === "failed");
  const ordered = passes.toSorted((one, other) => Number(one.key) - Number(other.key));
  const errors = ordered.flatMap(({ key, error }) =>
    error ? [{ index: Number(key), code: error.code, message: error.message }] : [],
  );
  const results = ordered.map((frame) => resultOf(view, wanted, frame));
  return { finish: { output: { results, errors, count: passes.length, broke }, port: "done" } };
}

/** Whether pass number `index` is wanted. */
function isWanted(view: ScopeView, wanted: Config, index: number): boolean {
  if (wanted.items !== undefined) return index < wanted.items.length;
  const before = view.frames.at(-1);
  const last = before ? resultOf(view, wanted, before) : null;
  return view.evaluate(wanted.while ?? "false", { names: { index, last } }) === true;
}

function tooMany(limit: number): ScopeDecision {
  return {
    finish: {
      error: {
        kind: "input",
        status: 409,
        code: "loop.too-many-iterations",
        message: `The loop needs more than ${limit} passes.`,
        fix: "Raise `max_iterations`, shorten the list, or correct the condition.",
      },
    },
  };
}

function next(view: ScopeView, wanted: Config): ScopeDecision {
  const { frames } = view;
  const failed = frames.find(({ status }) => status === "failed");
  if (failed?.error && wanted.on_error === "fail") return { finish: { error: failed.error } };
  if (frames.some((frame) => isBreak(view, wanted, frame))) return finish(view, wanted, true);
  const limit = wanted.items === undefined ? 1 : wanted.concurrency;
  const room = limit - frames.filter(({ status }) => status === "open").length;
  if (room <= 0) return {};
  const begun = frames.length;
  const start: { key: string; port: string }[] = [];
  while (start.length < room && isWanted(view, wanted, begun + start.length)) {
    if (begun + start.length >= wanted.max_iterations) return tooMany(wanted.max_iterations);
    start.push({ key: String(begun + start.length), port: "each" });
  }
  if (start.length > 0) return { start };
  return room === limit ? finish(view, wanted, false) : {};
}

/** The steps behind `each`, once an item or while a condition holds. */
export const loop = defineNode({
  type: "loop",
  title: "Loop",
  summary: "Runs steps once for each item of a list, or while a condition holds.",
  description:
    "Lead an edge from port `each` to the first step of the body; the body is all that follows from " +
    "there, and ends where no edge leads on (an edge back to the loop is allowed and means the same). " +
    "The body reads `item` (or the name in `as`), `index`, its own steps and all that ran before the " +
    "loop. With `items` up to 1,000 passes run, `concurrency` of them at once; with `while` they run one " +
    "after the other for as long as the condition holds. `break_when` is asked after each pass. " +
    "Afterwards the run leaves by `done` with `results`, `errors`, `count` and `broke`; steps after the " +
    "loop read `steps.<loop>.output.results`, not the steps inside. A pass that fails fails the loop, or " +
    "is kept in `errors` with `on_error: continue`. Loops nest, and steps inside may wait for people.",
  config: config.refine(
    (wanted) => (wanted.items === undefined) !== (wanted.while === undefined),
    "give exactly one of `items` and `while`",
  ),
  output,
  verbatim: ["while", "break_when", "result"],
  ports: () => ["each", "done"],
  effect: () => "pure",
  requires: (wanted) => ({
    expressions: (["while", "break_when", "result"] as const).flatMap(
      (path): ConfigExpression[] => {
        const source = wanted[path];
        if (source === undefined) return [];
        return path === "while"
          ? [{ path, source, names: ["index", "last"] }]
          : [{ path, source, inside: true }];
      },
    ),
  }),
  scope: {
    bodies: () => ["each"],
    names: ({ as }) => [as, "index"],
    locals: ({ items, as }, key) => ({
      index: Number(key),
      ...(items === undefined ? {} : { [as]: items[Number(key)] }),
    }),
    next,
  },
  examples: [
    {
      title: "Twice each number, two at once",
      config: {
        items: [1, 2, 3],
        as: "number",
        max_iterations: 10,
        concurrency: 2,
        on_error: "fail",
      },
      around: {
        nodes: [
          {
            id: "twice",
            type: "action",
            config: { set: { name: "seen", value: "{{ number * 2 }}" } },
          },
        ],
        edges: [{ from: "step", port: "each", to: "twice" }],
      },
      expect: { port: "done", output: { count: 3, broke: false, errors: [] } },
    },
    {
      title: "Until there are three",
      config: {
        while: "index < 3",
        as: "item",
        max_iterations: 10,
        concurrency: 1,
        on_error: "fail",
      },
      expect: { port: "done", output: { results: [null, null, null], count: 3 } },
    },
  ],
  run: () => Promise.resolve({ open: null }),
});
