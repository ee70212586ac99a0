import { z } from "zod";
import { retrySchema } from "#blueprints/blueprint";
import { BugError } from "#blueprints/error";
import { defineNode } from "#blueprints/node";
import { failurePort, type ScopeDecision, type ScopeView } from "#blueprints/node-scope";
import type { SerializedError } from "#blueprints/outcome";

const node = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, "id of a node");

const config = z.strictObject({
  covers: z
    .array(node)
    .min(1)
    .max(100)
    .describe("Ids of the nodes whose errors it catches; a loop or parallel covers what is in it."),
  cases: z
    .array(
      z.strictObject({
        port: z
          .string()
          .regex(/^[a-z][a-z0-9_]{0,39}$/, "lower case letters, digits and _")
          .refine((port) => port !== "rethrow", "`rethrow` is the way of what nothing matches"),
        codes: z
          .array(z.string().min(1).max(80))
          .min(1)
          .max(50)
          .describe("Error codes; `http.*` for all that start so, `*` for any."),
        retry: retrySchema
          .optional()
          .describe("The failed step is tried again so often before the port is taken."),
      }),
    )
    .max(20)
    .default([])
    .describe("Tried in this order; the first that matches the error's code names the port."),
  undo: z
    .record(node, node)
    .default({})
    .describe(
      "By covered node: the node that undoes it. Those of finished steps run once, the last first, before the port is taken; also when the run is cancelled.",
    ),
});
type Config = z.infer<typeof config>;

const caught = z.object({
  step: z.string().describe("Id of the node that failed."),
  code: z.string(),
  message: z.string(),
});
const output = z.object({
  error: caught,
  undone: z.array(z.string()).describe("Covered nodes that were undone."),
  not_undone: z.array(caught).describe("Those where that failed."),
});

function matches(pattern: string, code: string): boolean {
  return pattern.endsWith("*") ? code.startsWith(pattern.slice(0, -1)) : pattern === code;
}

function caseOf({ cases }: Config, code: string) {
  return cases.find(({ codes }) => codes.some((pattern) => matches(pattern, code)));
}

interface Opened {
  readonly step: string;
  readonly error: SerializedError;
}

function finish(view: ScopeView, wanted: Config): ScopeDecision {
  const { step, error } = view.opened as Opened;
  const { code, message } = error;
  const port = caseOf(wanted, code)?.port;
  const failed = view.frames.filter(({ status }) => status !== "succeeded");
  return {
    finish: {
      output: {
        error: { step, code, message },
        undone: view.frames.filter(({ status }) => status === "succeeded").map(({ key }) => key),
        not_undone: failed.map(({ key, error: why }) => ({
          step: key,
          code: why?.code ?? "run.cancelled",
          message: why?.message ?? "It was cancelled.",
        })),
      },
      port: port ?? "rethrow",
      ...(port === undefined ? { raise: error } : {}),
    },
  };
}

function next(view: ScopeView, wanted: Config): ScopeDecision {
  if (view.frames.some(({ status }) => status === "open")) return {};
  const begun = new Set(view.frames.map(({ key }) => key));
  const key = view.finished.findLast((id) => wanted.undo[id] !== undefined && !begun.has(id));
  return key === undefined ? finish(view, wanted) : { start: [{ key, port: `undo:${key}` }] };
}

/** Catches the errors of other nodes, undoes what they did, and leads on. */
export const errorHandler = defineNode({
  type: "error_handler",
  title: "Error handler",
  summary: "Catches errors of other steps by code, undoes finished ones, and leads on.",
  description:
    "`covers` names the nodes whose errors it catches once their own retries are used up; no edge leads " +
    "into this node. When one of them fails, nothing else that is covered begins, what is under way ends, " +
    "and this step runs: the first of `cases` that matches the error's code names the port; where none " +
    "does, the run goes by `rethrow` and then fails with the error. A case may give the failed step " +
    "further attempts with `retry`. `undo` names for covered nodes the node that undoes it (a refund for a " +
    "charge): no edge leads into such a node either, it reads `steps.<covered>.output`, and it runs once, " +
    "the last finished step first, before the port is taken and when the run is cancelled. The output has " +
    "`error` (`step`, `code`, `message`), `undone` and `not_undone`.",
  config,
  output,
  ports: ({ cases }) => [...new Set(cases.map(({ port }) => port)), "rethrow"],
  effect: () => "pure",
  scope: {
    bodies: ({ undo }) => Object.keys(undo).map((id) => `undo:${id}`),
    implies: (id, { covers, undo }) => [
      ...covers.map((covered) => ({ from: covered, port: failurePort, to: id })),
      ...Object.entries(undo).map(([covered, to]) => ({
        from: id,
        port: `undo:${covered}`,
        to,
        undoes: covered,
      })),
    ],
    retry: (wanted, { code }) => caseOf(wanted, code)?.retry,
    next,
  },
  examples: [
    {
      title: "Take back what was reserved when the call after it fails",
      config: {
        covers: ["reserve", "call"],
        cases: [{ port: "bad_input", codes: ["expression.*"] }],
        undo: { reserve: "release" },
      },
      around: {
        nodes: [
          { id: "reserve", type: "action", config: { set: { name: "reserved", value: true } } },
          {
            id: "call",
            type: "action",
            config: { set: { name: "sent", value: "{{ input.no }}" } },
          },
          { id: "release", type: "action", config: { set: { name: "reserved", value: false } } },
        ],
        edges: [{ from: "reserve", to: "call" }],
      },
      expect: { port: "bad_input", output: { undone: ["reserve"], not_undone: [] } },
    },
  ],
  run({ failure }) {
    if (failure) return Promise.resolve({ open: failure });
    throw new BugError("error-handler.nothing-caught", "An error handler ran without an error.");
  },
});
