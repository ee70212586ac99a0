import { z } from "zod";
import { defineNode, type NodeResult, type NodeWait } from "#blueprints/node";
import type { NodeContext } from "#blueprints/node-context";
import {
  type Decision,
  decision,
  decisionForm,
  decisionsOf,
  rehearsedDecisions,
  signalOf,
} from "./support/decisions.ts";
import { message, requirementsOf, sendMessage } from "./support/send.ts";

const minuteMs = 60_000;
const dayMinutes = 1_440;

const form = z
  .looseObject({
    type: z.literal("object"),
    properties: z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,39}$/), z.looseObject({})),
  })
  .refine(({ properties }) => Object.keys(properties).length <= 20, "at most 20 fields");

const shape = z.strictObject({
  title: z.string().min(1).max(200).describe("What is to be decided, in one line."),
  message: z.string().max(10_000).optional().describe("What the reviewer should know."),
  material: z
    .unknown()
    .optional()
    .describe("What is decided about; shown on the page: an object as a table, a text as it is."),
  form: form
    .optional()
    .describe(
      "JSON Schema of what an approval must say beside yes: an object of strings, numbers, integers, booleans and enums.",
    ),
  reviewers: z
    .array(z.string().min(1).max(120))
    .max(50)
    .default([])
    .describe(
      "Who may decide: members by the name their token was issued for, `role:admin`, `role:developer`, or `@account`; empty: the owner, admins and developers.",
    ),
  approvals: z.int().min(1).max(20).default(1).describe("Approvals that it takes."),
  rejections: z.int().min(1).max(20).default(1).describe("Rejections that end it."),
  notify: z
    .array(message)
    .max(5)
    .default([])
    .describe("Messages as of `send_message`; the link to the page is added to their text."),
  remind_after_minutes: z
    .int()
    .min(5)
    .optional()
    .describe("The messages are sent again every so often, at most ten times."),
  timeout_minutes: z
    .int()
    .min(1)
    .max(29 * dayMinutes)
    .default(3 * dayMinutes),
  on_timeout: z
    .enum(["timeout", "approved", "rejected"])
    .default("timeout")
    .describe("Port when nobody decided in time."),
});
const config = shape.refine(
  ({ reviewers, approvals }) => !isClosed(reviewers) || new Set(reviewers).size >= approvals,
  "`reviewers` names fewer people than `approvals` asks for",
);
type Config = z.infer<typeof config>;

/** Everybody who may decide is named. */
function isClosed(reviewers: readonly string[]): boolean {
  return reviewers.length > 0 && !reviewers.some((name) => name.startsWith("role:"));
}

const output = z.object({
  decision: z.enum(["approved", "rejected", "timeout"]),
  fields: z.record(z.string(), z.unknown()).describe("What the last approval entered."),
  comment: z.string().describe("Of the last decision; may be empty."),
  decisions: z.array(decision).describe("Every decision with `reviewer` and `at`."),
});
type Output = z.infer<typeof output>;

const reminders = 10;

/** Undefined: still open. Who is named one by one and has all decided, without enough, has rejected. */
function verdictOf(
  wanted: Config,
  decisions: readonly Decision[],
): Decision["decision"] | undefined {
  const approvals = decisions.filter((one) => one.decision === "approved").length;
  if (approvals >= wanted.approvals) return "approved";
  if (decisions.length - approvals >= wanted.rejections) return "rejected";
  const { reviewers } = wanted;
  return isClosed(reviewers) && decisions.length >= new Set(reviewers).size
    ? "rejected"
    : undefined;
}

function leave(verdict: Output["decision"], port: string, decisions: Decision[]) {
  const fields = decisions.findLast((one) => one.decision === "approved")?.fields ?? {};
  const comment = decisions.at(-1)?.comment ?? "";
  return { output: { decision: verdict, fields, comment, decisions }, port };
}

interface Asked {
  readonly at: number;
  readonly until: number;
  readonly link: string;
}

/** Makes the link, once; from then on the time runs. */
function ask(context: NodeContext, { timeout_minutes: minutes }: Config): Promise<Asked> {
  return context.substep("ask", { effect: "idempotent" }, async (inner) => {
    const at = inner.now();
    const until = at + minutes * minuteMs;
    return { at, until, link: await inner.createLink("review", until) };
  });
}

/** Sends what is due by now: number 0 at once, and each reminder at its time. */
async function notify(context: NodeContext, { notify: all }: Config, round: number, link: string) {
  const name = round === 0 ? "notify" : `remind_${round}`;
  for (const [index, one] of all.entries()) {
    const linked = { ...one, text: `${one.text}\n${link}` };
    // A person who hears of it twice is better off than one who never does.
    const options = { effect: "idempotent", input: { channel: one.channel } } as const;
    await context.substep(`${name}_${index + 1}`, options, (inner) => sendMessage(inner, linked));
  }
}

/** A reminder that cannot be sent does not end the review. */
async function remind(context: NodeContext, wanted: Config, round: number, link: string) {
  try {
    await notify(context, wanted, round, link);
  } catch (error) {
    context.log(`Reminder ${round} failed: ${error instanceof Error ? error.message : "unknown"}`);
  }
}

function roundAt({ remind_after_minutes: every }: Config, { at }: Asked, now: number): number {
  if (every === undefined) return 0;
  return Math.min(reminders, Math.floor((now - at) / (every * minuteMs)));
}

function waitFor(wanted: Config, asked: Asked, decisions: Decision[], round: number): NodeWait {
  const { title, message: text, material, form: asks, reviewers } = wanted;
  const every = wanted.remind_after_minutes;
  const next =
    every === undefined || round >= reminders
      ? asked.until
      : asked.at + (round + 1) * every * minuteMs;
  return {
    wait: {
      signal: signalOf(decisions.length),
      until: Math.min(asked.until, next),
      title,
      ...(text === undefined ? {} : { message: text }),
      ...(material === undefined ? {} : { material }),
      form: decisionForm(asks),
      reviewers,
      answered: decisions.map(({ reviewer }) => reviewer),
      link: asked.link,
    },
  };
}

async function review(
  context: NodeContext,
  wanted: Config,
): Promise<NodeResult<Output> | NodeWait> {
  const asked = await ask(context, wanted);
  const { standIn } = context;
  await notify(context, wanted, 0, asked.link);
  const decisions = standIn
    ? rehearsedDecisions(context, standIn.isLate ? 0 : wanted.approvals, wanted.form)
    : decisionsOf(context);
  const verdict = verdictOf(wanted, decisions);
  if (verdict) return leave(verdict, verdict, decisions);
  if (context.now() >= asked.until || standIn)
    return leave("timeout", wanted.on_timeout, decisions);
  const round = roundAt(wanted, asked, context.now());
  if (round > 0) await remind(context, wanted, round, asked.link);
  return waitFor(wanted, asked, decisions, round);
}

/** A person decides before the run goes on. */
export const humanReview = defineNode({
  type: "human_review",
  title: "Human review",
  summary: "Pauses until people approve or reject, on a page or through control_run.",
  description:
    "The run pauses, for days if need be, and goes on by `approved`, `rejected` or `timeout`. Reviewers " +
    "open the link (in `notify` messages, and in the trace), see `title`, `message` and `material`, sign in with their " +
    "workspace token and decide; with `form` an approval also enters what the schema asks for. " +
    "Through control_run the answer's payload is `{decision, comment?, fields?}`. Whoever started the " +
    "run can never decide, and everybody decides once. A token that issue_token answered inline decides as " +
    "the account that saw it, not as its member: reviewers claim theirs by link, and `@account` proves it by key. It takes `approvals` of `reviewers` to approve, " +
    "`rejections` to reject. `remind_after_minutes` repeats the messages. After `timeout_minutes` the run leaves by `on_timeout`; " +
    "to escalate, lead port `timeout` to a second review with other reviewers. In a test a stub that " +
    "names the step stands in: its body is the payload, status 408 lets the time run out; without a " +
    "stub it is approved, with samples of the fields that `form` requires. Output: `decision`, `fields`, `comment`, `decisions`.",
  config,
  output,
  ports: () => ["approved", "rejected", "timeout"],
  effect: () => "idempotent",
  asksPeople: true,
  requires: (wanted) => requirementsOf(wanted.notify),
  examples: [
    {
      title: "A refund that a person must approve",
      config: config.parse({
        title: "Refund {{ input.amount }} EUR to {{ input.customer }}?",
        material: { customer: "{{ input.customer }}", amount: "{{ input.amount }}" },
        reviewers: ["maria@example.com", "role:admin"],
        notify: [
          { channel: "slack", webhook: "SLACK_WEBHOOK_URL", text: "A refund waits for you:" },
        ],
      }),
      input: { customer: "Ada", amount: 120 },
      expect: { port: "approved", output: { decision: "approved" } },
    },
  ],
  run: review,
});
