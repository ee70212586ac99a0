import { z } from "zod";
import { defineNode, type NodeResult, type NodeWait } from "#blueprints/node";
import type { NodeContext } from "#blueprints/node-context";
import { askJudge, judgeSchema, rewrite } from "./support/guard/judge.ts";
import { modelName } from "./support/model-fields.ts";
import { applyRules, rulesSchema, type Violation } from "./support/guard/rules.ts";

/** Days that a person has to decide, unless the config says otherwise. */
const escalationHours = 72;

const config = z
  .strictObject({
    value: z.unknown().describe("The text or data to check, e.g. `{{ steps.write.output.text }}`."),
    rules: rulesSchema.optional().describe("What needs no model; taken as written."),
    judge: judgeSchema.optional().describe("A model that judges by a policy in words."),
    action: z
      .enum(["block", "redact", "rewrite", "escalate"])
      .default("block")
      .describe("What is done about a violation; what does not help ends in `blocked`."),
    rewrites: z.int().min(1).max(3).default(2).describe("Tries, with `action: rewrite`."),
    rewrite_model: modelName
      .optional()
      .describe(
        "Writes anew, with `action: rewrite`; absent: the judge's, else the platform's own.",
      ),
    reviewers: z
      .array(z.string().min(1))
      .max(50)
      .optional()
      .describe("Who may decide, with `action: escalate`; absent: whoever may answer."),
    timeout_hours: z
      .number()
      .positive()
      .max(720)
      .default(escalationHours)
      .describe("With `action: escalate`; without a decision by then it is blocked."),
  })
  .refine(
    ({ rules, judge }) => rules !== undefined || judge !== undefined,
    "give `rules` or `judge`",
  );
type Config = z.infer<typeof config>;

const output = z.object({
  value: z.unknown().describe("What may go on; null when blocked."),
  violations: z.array(z.object({ rule: z.string(), message: z.string() })),
  changed: z.boolean().describe("Whether `value` was redacted, rewritten or changed by a person."),
  decided_by: z.enum(["rules", "judge", "person"]),
});
type Output = z.infer<typeof output>;

interface Verdict {
  readonly violations: readonly Violation[];
  /** Without what the rules would have taken out. */
  readonly redacted: unknown;
}

/** Rules first: what they refuse is not shown to a model. `round` names the recorded question. */
async function check(
  context: NodeContext,
  { rules, judge }: Config,
  value: unknown,
  round: number,
): Promise<Verdict> {
  const { violations, redacted } = rules
    ? await applyRules(value, rules, (text) => context.redact(text))
    : { violations: [], redacted: value };
  if (!judge || violations.some(({ redactable }) => !redactable)) return { violations, redacted };
  const judged = await askJudge(context, `judge_${round}`, judge, redacted);
  return { violations: judged ? [...violations, judged] : violations, redacted };
}

const deciderOf = ({ judge }: Config) => (judge ? "judge" : "rules");

function passed(
  wanted: Config,
  value: unknown,
  violations: readonly Violation[],
  changed: boolean,
): NodeResult<Output> {
  const told = violations.map(({ rule, message }) => ({ rule, message }));
  const decided_by = deciderOf(wanted);
  return { output: { value, violations: told, changed, decided_by }, port: "pass" };
}

function blocked(
  violations: readonly Violation[],
  decided_by: Output["decided_by"],
): NodeResult<Output> {
  const told = violations.map(({ rule, message }) => ({ rule, message }));
  return { output: { value: null, violations: told, changed: false, decided_by }, port: "blocked" };
}

async function rewritten(
  context: NodeContext,
  wanted: Config,
  first: Verdict,
): Promise<NodeResult<Output>> {
  let { violations, redacted } = first;
  const model = wanted.rewrite_model ?? wanted.judge?.model;
  const writer = { ...wanted.judge, ...(model === undefined ? {} : { model }) };
  for (let round = 1; round <= wanted.rewrites; round += 1) {
    // What must not be told is not told to the model that rewrites either.
    const text = await rewrite(context, `rewrite_${round}`, writer, {
      value: redacted,
      violations,
    });
    if (text === undefined) break;
    const verdict = await check(context, wanted, text, round + 1);
    if (verdict.violations.length === 0) return passed(wanted, text, first.violations, true);
    ({ violations, redacted } = verdict);
  }
  return blocked(violations, deciderOf(wanted));
}

const decision = z.object({ decision: z.enum(["pass", "block"]), value: z.unknown().optional() });

const form = {
  type: "object",
  properties: {
    decision: { type: "string", enum: ["pass", "block"] },
    value: { description: "What goes on instead; absent: what was checked." },
  },
  required: ["decision"],
};

function askPerson(context: NodeContext, wanted: Config, { violations }: Verdict): NodeWait {
  const wrong = violations.map(({ rule, message }) => `${rule}: ${message}`).join("\n");
  return {
    wait: {
      signal: "guardrail",
      until: context.now() + wanted.timeout_hours * 3_600_000,
      title: "May this go on?",
      message: wrong,
      form,
      ...(wanted.reviewers ? { reviewers: wanted.reviewers } : {}),
    },
  };
}

/** What a person decided; without a decision in time nothing passes. */
function decided(
  { arrival }: NodeContext,
  wanted: Config,
  { violations }: Verdict,
): NodeResult<Output> {
  const told = decision.safeParse(arrival?.kind === "signal" ? arrival.payload : undefined);
  if (!told.success || told.data.decision === "block") return blocked(violations, "person");
  const changed = told.data.value !== undefined;
  const { output: whole } = passed(wanted, told.data.value ?? wanted.value, violations, changed);
  return { output: { ...whole, decided_by: "person" }, port: "pass" };
}

/** Looks at text or data before it goes on. */
export const guardrail = defineNode({
  type: "guardrail",
  title: "Guardrail",
  summary: "Checks text or data against rules and a policy before it goes on.",
  description:
    "Put it before whatever shows or sends what a model or a stranger wrote. `rules` need no model: length, " +
    "`deny` and `allow` lists, `patterns` (regular expressions in linear time), `personal_data`, values of " +
    "the workspace's `secrets`, `link_hosts`, `schema`. `judge` asks a model about a `policy` in words; it " +
    "sees only what the rules let through. `action` is what happens on a violation: `block`; `redact` takes " +
    "out what rules found; `rewrite` lets a model write it anew and checks that again; `escalate` waits for a " +
    "person. The run leaves by `pass` with `value`, which is what later steps read, or by `blocked` with " +
    "`value: null` and `violations`, which never quote what was found. It fails closed: a judge that cannot " +
    "be asked, a person who does not answer, or a pattern that takes too long lets nothing pass.",
  config,
  output,
  // Data cannot change the rules that it is checked by.
  verbatim: ["rules"],
  ports: () => ["pass", "blocked"],
  effect: ({ judge, action }) => (judge || action === "rewrite" ? "idempotent" : "read"),
  timeoutMs: ({ judge, action }) => (judge || action === "rewrite" ? 600_000 : 60_000),
  examples: [
    {
      title: "Take personal data out before it is sent on",
      config: {
        value: "{{ input.text }}",
        rules: rulesSchema.parse({ personal_data: ["email", "card"], deny: ["project falcon"] }),
        action: "redact",
        rewrites: 2,
        timeout_hours: escalationHours,
      },
      input: { text: "Write to ada@example.com about Project Falcon." },
      expect: {
        port: "pass",
        output: { value: "Write to [email] about [removed].", changed: true },
      },
    },
    {
      title: "A model judges an answer by a policy",
      config: {
        value: "{{ input.text }}",
        judge: { policy: "No medical advice." },
        action: "block",
        rewrites: 2,
        timeout_hours: escalationHours,
      },
      input: { text: "Take two of these every hour." },
      stubs: [{ match: "step", body: { violates: true, reason: "It gives medical advice." } }],
      expect: { port: "blocked", output: { value: null, decided_by: "judge" } },
    },
  ],
  async run(context, wanted) {
    const verdict = await check(context, wanted, wanted.value, 1);
    if (context.arrival) return decided(context, wanted, verdict);
    const { violations, redacted } = verdict;
    if (violations.length === 0) return passed(wanted, wanted.value, [], false);
    switch (wanted.action) {
      case "block":
        return blocked(violations, deciderOf(wanted));
      case "redact":
        return violations.every(({ redactable }) => redactable)
          ? passed(wanted, redacted, violations, true)
          : blocked(violations, deciderOf(wanted));
      case "rewrite":
        return rewritten(context, wanted, verdict);
      case "escalate":
        return askPerson(context, wanted, verdict);
      default:
        return wanted.action satisfies never;
    }
  },
});
