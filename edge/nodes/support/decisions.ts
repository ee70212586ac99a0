import { z } from "zod";
import type { NodeContext } from "#blueprints/node-context";
import { sampleOf } from "#blueprints/sample";

const answer = z.object({
  decision: z.enum(["approved", "rejected"]),
  comment: z.string().optional(),
  fields: z.record(z.string(), z.unknown()).optional(),
});

export const decision = answer.extend({
  reviewer: z.string().describe("Name of the member, or `@account`."),
  at: z.string().describe("ISO 8601."),
});
export type Decision = z.infer<typeof decision>;

/** Name of the signal of the decision with this number, from 0. */
export function signalOf(number: number): string {
  return number === 0 ? "decision" : `decision_${number + 1}`;
}

/** Every decision so far, the first one first. The engine has checked who sent it, and the form. */
export function decisionsOf({ signals, answers }: NodeContext): Decision[] {
  const decisions: Decision[] = [];
  for (;;) {
    const name = signalOf(decisions.length);
    const sender = answers.get(name);
    if (sender?.by === undefined || !signals.has(name)) return decisions;
    const { by, at } = sender;
    decisions.push({
      ...answer.parse(signals.get(name)),
      reviewer: by,
      at: new Date(at).toISOString(),
    });
  }
}

/**
 * What stands in for the reviewers of a test run: the stub's body, or as many approvals as it takes. An
 * approval that leaves out the fields of the form has samples of those that it must have.
 */
export function rehearsedDecisions(
  context: NodeContext,
  count: number,
  form?: Readonly<Record<string, unknown>>,
): Decision[] {
  const { answer: given } = context.standIn ?? {};
  const known = answer.safeParse(given);
  const one = known.success ? known.data : { decision: "approved" as const };
  const isFilled = form === undefined || one.decision === "rejected";
  const fields = isFilled ? {} : { fields: sampleOf(form) as Record<string, unknown> };
  const at = new Date(context.now()).toISOString();
  return Array.from({ length: count }, (_, index) => ({
    ...fields,
    ...one,
    reviewer: `reviewer ${index + 1}`,
    at,
  }));
}

/** JSON Schema of one decision; what the form asks for is owed by who approves. */
export function decisionForm(form: Readonly<Record<string, unknown>> | undefined) {
  return {
    type: "object",
    properties: {
      decision: { title: "Decision", enum: ["approved", "rejected"] },
      ...(form ? { fields: form } : {}),
      comment: { title: "Comment", type: "string", maxLength: 4_000 },
    },
    required: ["decision"],
    additionalProperties: false,
    ...(form
      ? {
          if: { properties: { decision: { const: "approved" } } },
          // eslint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
          then: { required: ["fields"] },
        }
      : {}),
  };
}
