import { z } from "zod";
import { InputError } from "#blueprints/error";
import { defineNode, type NodeResult, type NodeWait } from "#blueprints/node";
import type { NodeContext } from "#blueprints/node-context";
import { channelOf, message, requirementsOf, sendMessage } from "./support/send.ts";

const minuteMs = 60_000;
const dayMinutes = 1_440;
/** How far ahead; the platform's runs last a month otherwise. */
const longestMinutes = 366 * dayMinutes;
/** Milliseconds after its time in which a message may still be retried. */
const graceMs = 2 * dayMinutes * minuteMs;

const schedule = z
  .strictObject({
    message: message.describe("As the config of `send_message`; filled in when it is scheduled."),
    at: z
      .string()
      .min(1)
      .optional()
      .describe("When: ISO 8601 with a zone, `2026-12-01T09:00:00+01:00` or `...Z`."),
    delay_minutes: z
      .number()
      .min(0)
      .max(longestMinutes)
      .optional()
      .describe("Instead of `at`: so long after the step."),
    late: z
      .enum(["send", "drop"])
      .default("send")
      .describe(
        "When its time passed while it could not be sent: the platform was down, or the receiver.",
      ),
    late_after_minutes: z
      .number()
      .min(1)
      .max(dayMinutes)
      .default(5)
      .describe("From when on `late: drop` gives it up."),
    wait: z
      .boolean()
      .default(false)
      .describe("Stay in this step until it is sent; it then ends with the run."),
  })
  .refine(
    ({ at, delay_minutes }) => (at === undefined) !== (delay_minutes === undefined),
    "give exactly one of `at` and `delay_minutes`",
  );
const cancel = z.strictObject({
  cancel: z
    .string()
    .min(1)
    .max(64)
    .describe("`id` of a scheduled message: `{{ steps.<id>.output.id }}`."),
});
const config = z.union([schedule, cancel]);
type Schedule = z.infer<typeof schedule>;

const output = z.object({
  id: z.string().describe("The run that sends it; `cancel` and control_run take it."),
  status: z.enum(["scheduled", "sent", "dropped", "cancelled", "failed"]),
  at: z.string().optional().describe("ISO 8601; when it is due."),
  channel: z.string().optional(),
  message_id: z.string().optional(),
});
type Output = z.infer<typeof output>;

/** Milliseconds since 1970, the same whenever the step is asked. */
function dueAt(context: NodeContext, { at, delay_minutes }: Schedule): Promise<number> {
  return context.substep("due", { effect: "pure" }, (inner) => {
    const now = inner.now();
    const due = at === undefined ? now + (delay_minutes ?? 0) * minuteMs : read(at);
    if (due - now <= longestMinutes * minuteMs) return Promise.resolve(due);
    throw new InputError("schedule.too-far", `${at} is more than a year ahead.`, {
      fix: "Schedule it nearer to its time, e.g. by a workflow with a yearly schedule.",
    });
  });
}

function read(at: string): number {
  if (z.iso.datetime({ offset: true }).safeParse(at).success) return Date.parse(at);
  throw new InputError("schedule.bad-time", `"${at.slice(0, 60)}" is not a time with a zone.`, {
    fix: "Write it like 2026-12-01T09:00:00+01:00.",
  });
}

function isRecalled({ signals }: NodeContext): boolean {
  return signals.has("recall") || signals.has("recall_after");
}

/** Here and now: waits for the time, then sends, unless it is called off or too late. */
async function deliver(
  context: NodeContext,
  wanted: Schedule,
): Promise<NodeResult<Output> | NodeWait> {
  const due = await dueAt(context, wanted);
  const { channel } = wanted.message;
  if (context.now() < due && !isRecalled(context) && !context.standIn) {
    const title = `Sends a message by ${channel} at ${toIso(due)}`;
    return { wait: { signal: "recall", until: due, title } };
  }
  const effect = channelOf(wanted.message).idempotent ? "idempotent" : "external";
  // Asked at every attempt, and recorded: what was sent cannot be called off any more.
  const ended = await context.substep("send", { effect }, async (inner) => {
    if (isRecalled(inner)) return { status: "cancelled" as const };
    const isLate = inner.now() - due > wanted.late_after_minutes * minuteMs;
    if (wanted.late === "drop" && isLate) return { status: "dropped" as const };
    const { message_id } = await sendMessage(inner, wanted.message);
    return { status: "sent" as const, ...(message_id === undefined ? {} : { message_id }) };
  });
  return { output: { id: context.run.id, at: toIso(due), channel, ...ended } };
}

/** Left behind as a run of its own, that waits for the time. */
async function leave(context: NodeContext, wanted: Schedule): Promise<NodeResult<Output>> {
  const due = await dueAt(context, wanted);
  const { delay_minutes: _, ...rest } = wanted;
  const lastsMs = Math.max(0, due - context.now()) + graceMs;
  const { id } = await context.detach({ ...rest, at: toIso(due), wait: true }, lastsMs);
  const { channel } = wanted.message;
  return { output: { id, status: "scheduled", at: toIso(due), channel } };
}

async function callOff(context: NodeContext, id: string): Promise<NodeResult<Output>> {
  const { status, output: told } = await context.recall(id);
  const known = output.safeParse(told);
  if (known.success) return { output: known.data };
  if (status !== "succeeded") {
    // One that is still under way has heard it, and is between two attempts.
    return { output: { id, status: status === "failed" ? "failed" : "cancelled" } };
  }
  throw new InputError("schedule.not-a-message", `"${id}" is not a scheduled message.`, {
    fix: "Use the `id` that the step gave which scheduled it.",
  });
}

function toIso(time: number): string {
  return new Date(time).toISOString();
}

/** One message at a later time, or none: the same node calls it off. */
export const scheduleMessage = defineNode({
  type: "schedule_message",
  title: "Schedule a message",
  summary: "Sends a message at a later time, or calls off one that was scheduled.",
  description:
    "`message` is a config of `send_message`; `at` or `delay_minutes` says when, at most a year ahead. " +
    "The run goes on at once with `status: scheduled` and an `id`: the message has become a run of its own, " +
    "which survives restarts and the end of this one, even its cancellation. A later step calls it off with " +
    "`{cancel: <id>}` (its output says what became of it: `cancelled`, or `sent`, `dropped`, `failed` when it " +
    "was too late), the `undo` of an error_handler likewise, a person with control_run on that id. Templates " +
    "are filled in when the step runs. It is sent once, with the node's `retry` and `on_uncertain`, as " +
    "`send_message` does; one in the past is sent at once, or dropped where `late` says so. With `wait` the " +
    "run stays in the step until the message is out. In a test run nothing waits.",
  config,
  output,
  ports: () => ["next"],
  // To schedule twice joins the first; what is sent is a sub-step with an effect of its own.
  effect: () => "idempotent",
  requires: (wanted) => ("message" in wanted ? requirementsOf([wanted.message]) : {}),
  examples: [
    {
      title: "Ask how it went a day later",
      config: schedule.parse({
        delay_minutes: 1_440,
        message: {
          channel: "email",
          token: "RESEND_API_KEY",
          from: "Acme <hello@example.com>",
          to: "{{ input.email }}",
          subject: "How was it?",
          text: "Hello {{ input.name }}, how was your visit?",
        },
      }),
      input: { email: "ada@example.com", name: "Ada" },
      expect: { port: "next", output: { status: "scheduled", channel: "email" } },
    },
    {
      title: "Call it off when the customer answers",
      config: { cancel: "{{ input.scheduled }}" },
      input: { scheduled: "run_0123456789abcdefghjkmnpqrs" },
      expect: { port: "next", output: { status: "cancelled" } },
    },
  ],
  run(context, wanted) {
    if ("cancel" in wanted) return callOff(context, wanted.cancel);
    return wanted.wait ? deliver(context, wanted) : leave(context, wanted);
  },
});
