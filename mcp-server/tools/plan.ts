import { z } from "zod";
import { InputError } from "#blueprints/error";
import { constraintsSchema } from "#planner/request";
import { plan as makePlan } from "#planner/plan";
import { readPlan, storePlan } from "../drafts.ts";
import { blueprintDocument, workspaceSlug } from "../fields.ts";
import { existingIn, plannerTools } from "../planning.ts";
import { defineTool } from "../tool.ts";

const list = z.array(z.looseObject({}));

export const plan = defineTool({
  name: "plan",
  title: "Plan infrastructure",
  description:
    "Turns an intent in words into a typed blueprint: functions, workflow, endpoint or schedule or webhook, secrets, tests. Uses marketplace entries that fit. Name trigger, services and condition. Changes nothing. Answers with questions when the intent is unclear or needs no infrastructure. To change a plan, use refine.",
  annotations: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: z.strictObject({
    intent: z
      .string()
      .max(8000)
      .optional()
      .describe("What should exist; may be left out with refine."),
    workspace: workspaceSlug.optional().describe("Use what this workspace already has."),
    constraints: constraintsSchema.optional(),
    refine: z
      .strictObject({ plan_id: z.string().max(64), feedback: z.string().min(1).max(8000) })
      .optional(),
  }),
  output: z.object({
    plan_id: z.string(),
    blueprint: blueprintDocument.optional(),
    summary: z.string(),
    diagram: z.string().describe("Mermaid."),
    matches: list.describe("Marketplace entries considered: slug, version, used, reason."),
    requires: z.object({ secrets: list, connections: list, decisions: list }),
    questions: list.describe("id, text, options; answer them in scaffold."),
    confidence: z.number(),
    planner: z.string(),
    warnings: z.array(z.string()),
  }),
  async run({ services, actor, progress }, { workspace, constraints, refine, ...args }) {
    const earlier = refine ? await readPlan(services, actor, refine.plan_id) : undefined;
    const intent = args.intent ?? earlier?.intent ?? "";
    if (!intent.trim()) {
      throw new InputError("plan.no-intent", "plan needs an intent.", {
        fix: "Say in words what should exist.",
      });
    }
    await progress("Planning.");
    const answer = await makePlan(
      {
        intent,
        ...(workspace ? { workspace } : {}),
        ...(constraints ? { constraints } : {}),
        ...(workspace ? { existing: await existingIn(services, actor, workspace) } : {}),
        ...(earlier && refine
          ? { refine: { plan: earlier.answer, feedback: refine.feedback } }
          : {}),
      },
      plannerTools(services, actor),
    );
    const planId = await storePlan(services, actor, { intent, answer });
    const { blueprint, requires } = answer;
    return {
      data: {
        plan_id: planId,
        ...(blueprint ? { blueprint: { ...blueprint } } : {}),
        summary: answer.summary,
        diagram: answer.diagram,
        matches: answer.matches.map((one) => ({ ...one })),
        requires: {
          secrets: requires.secrets.map((one) => ({ ...one })),
          connections: requires.connections.map((one) => ({ ...one })),
          decisions: requires.decisions.map((one) => ({ ...one })),
        },
        questions: answer.questions.map((one) => ({ ...one })),
        confidence: answer.confidence,
        planner: answer.planner,
        warnings: [...answer.warnings],
      },
      summary: answer.summary,
      next: blueprint
        ? `scaffold with plan_id ${planId}${answer.questions.length > 0 ? " and answers to the questions" : ""}, or plan again with refine.`
        : "Ask the person the questions, then plan again with a clearer intent; or write the blueprint with its code yourself and give it to scaffold.",
    };
  },
});
