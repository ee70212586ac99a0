import { z } from "zod";
import { UpstreamError } from "#blueprints/error";
import { defineNode, type NodeResult, type NodeWait } from "#blueprints/node";
import type { ChildResult, NodeContext } from "#blueprints/node-context";
import { awaitChild } from "./support/child-run.ts";
import { wordsOf } from "./support/words.ts";

const minuteMs = 60_000;

const config = z.strictObject({
  bot: z
    .string()
    .min(1)
    .max(40)
    .describe('A workflow of the workspace whose trigger has `"source": "bot"`, by name.'),
  message: z
    .string()
    .min(1)
    .max(100_000)
    .optional()
    .describe("What it is told; absent: the message that this run was given."),
  context: z.unknown().optional().describe("What it should know beside that, as JSON."),
  mode: z
    .enum(["wait", "handover"])
    .default("wait")
    .describe("`wait` for its answer, or hand the conversation over and go on without it."),
  timeout_minutes: z
    .number()
    .min(1)
    .max(29 * 1_440)
    .optional()
    .describe("How long its answer is waited for; absent: as long as the run may last."),
});
type Config = z.infer<typeof config>;

const output = z.object({
  bot: z.string(),
  status: z.enum(["answered", "handed_over"]),
  run_id: z.string().describe("The bot's own run."),
  answer: z.string().nullable().describe("What it said, where it said something in words."),
  output: z.unknown().optional().describe("All that its run gave."),
});
type Output = z.infer<typeof output>;

/** The turn as the other bot gets it: its run's input. */
function turnOf(context: NodeContext, { message, context: known }: Config): object {
  const input = context.scope["input"];
  const own = typeof input === "object" && input !== null ? (input as Record<string, unknown>) : {};
  const said = message ?? own["message"] ?? own["text"] ?? (typeof input === "string" ? input : "");
  const { workflow } = context.scope["run"] as { workflow: string };
  return {
    message: said,
    from: workflow,
    ...(own["conversation"] === undefined ? {} : { conversation: own["conversation"] }),
    ...(known === undefined ? {} : { context: known }),
  };
}

async function wait(context: NodeContext, wanted: Config): Promise<NodeResult<Output> | NodeWait> {
  const { bot, timeout_minutes: minutes } = wanted;
  const awaited = await awaitChild(
    context,
    () => context.startRun(bot, turnOf(context, wanted), { bot: true }),
    minutes === undefined ? undefined : context.now() + minutes * minuteMs,
  );
  if ("wait" in awaited) return awaited;
  const { result } = awaited;
  if (result?.status !== "succeeded") throw unanswered(bot, result);
  const given = result.output ?? null;
  const answer = wordsOf(given);
  return { output: { bot, status: "answered", run_id: result.id, answer, output: given } };
}

function unanswered(bot: string, result: ChildResult | undefined): UpstreamError {
  if (result === undefined) {
    return new UpstreamError("bot.no-answer", `The bot "${bot}" did not answer in time.`, {
      fix: "Raise `timeout_minutes`, or catch this with an error_handler.",
    });
  }
  const { id, status, error } = result;
  const why = error ? `: ${error.code}: ${error.message}` : "";
  return new UpstreamError("bot.failed", `The run ${id} of the bot "${bot}" is ${status}${why}.`, {
    fix: `Look at it with get_run ${id}.`,
  });
}

async function handOver(context: NodeContext, wanted: Config): Promise<NodeResult<Output>> {
  const { bot } = wanted;
  const { id } = await context.startRun(bot, turnOf(context, wanted), {
    bot: true,
    detached: true,
  });
  return { output: { bot, status: "handed_over", run_id: id, answer: null } };
}

/** One bot asks another, or leaves the conversation to it. */
export const delegateToBot = defineNode({
  type: "delegate_to_bot",
  title: "Delegate to a bot",
  summary: "Asks another bot and waits for its answer, or hands the conversation over to it.",
  description:
    "`bot` names a workflow of the workspace whose trigger has `source: bot`. Its run gets " +
    "`{message, from, conversation?, context?}` as input: what this run was told, or `message`. With `wait` " +
    "the step waits, `steps.<id>.output.answer` is what the bot said and `output` all that its run gave; it is " +
    "cancelled with this run, and fails with `bot.failed` or, after `timeout_minutes`, `bot.no-answer`. With " +
    "`handover` the other bot answers on its own, in a run that does not end with this one. Bots delegate at " +
    "most 8 deep and never back to one that is asked already (`run.calls-itself`). In a test the stub that " +
    "names the step or the bot is what the bot's run gives.",
  config,
  output,
  ports: () => ["next"],
  // Starting a run twice joins it.
  effect: () => "idempotent",
  requires: ({ bot }) => ({ bots: [bot] }),
  examples: [
    {
      title: "Let billing answer",
      config: { bot: "billing", mode: "wait" },
      input: { message: "Where is my invoice?", conversation: "C1" },
      stubs: [{ match: "billing", body: { answer: "On its way." } }],
      expect: { port: "next", output: { status: "answered", answer: "On its way." } },
    },
    {
      title: "Leave the customer to sales",
      config: {
        bot: "sales",
        mode: "handover",
        message: "A new customer asks about {{ input.about }}.",
      },
      input: { about: "prices" },
      expect: { port: "next", output: { status: "handed_over", bot: "sales" } },
    },
  ],
  run: (context, wanted) =>
    wanted.mode === "wait" ? wait(context, wanted) : handOver(context, wanted),
});
