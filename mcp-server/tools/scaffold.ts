import { z } from "zod";
import type { BlueprintInput } from "#blueprints/blueprint";
import { InputError } from "#blueprints/error";
import { knownIn } from "#edge/deploy/known";
import { scaffold as makeScaffold } from "#planner/scaffold";
import { counted } from "../counted.ts";
import { readPlan, storeScaffold } from "../drafts.ts";
import { blueprintDocument } from "../fields.ts";
import { plannerTools } from "../planning.ts";
import { defineTool } from "../tool.ts";

export const scaffold = defineTool({
  name: "scaffold",
  title: "Scaffold a plan",
  description:
    "Turns a plan, or a blueprint of yours, into a complete configuration: code of functions, schemas, defaults, tests. Changes nothing. Fix errors in checks before create. You may edit the blueprint and create with that instead of the scaffold_id.",
  annotations: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: z.strictObject({
    plan_id: z.string().max(64).optional(),
    blueprint: blueprintDocument.optional(),
    answers: z
      .record(z.string(), z.string().max(2000))
      .optional()
      .describe("By id of a question or decision of the plan."),
    name: z.string().max(40).optional().describe("Renames the blueprint."),
  }),
  output: z.object({
    scaffold_id: z.string(),
    blueprint: blueprintDocument,
    files: z.array(z.object({ path: z.string(), content: z.string() })),
    checks: z.array(
      z.looseObject({ severity: z.string(), code: z.string(), path: z.string(), fix: z.string() }),
    ),
    tests: z.array(z.string()),
  }),
  async run({ services, actor }, { plan_id: planId, blueprint, answers, name }) {
    if ((planId === undefined) === (blueprint === undefined)) {
      throw new InputError("scaffold.which", "Give either plan_id or blueprint.", {
        fix: "plan answers with a plan_id.",
      });
    }
    const plan = planId === undefined ? undefined : await readPlan(services, actor, planId);
    const workspace = blueprint?.["workspace"] ?? plan?.answer.blueprint?.workspace;
    const answer = await makeScaffold(
      {
        known: await knownIn(services, actor, workspace),
        ...(plan ? { plan: plan.answer } : {}),
        // Not checked yet: scaffold reports what is wrong with it in `checks`.
        ...(blueprint ? { blueprint: blueprint as BlueprintInput } : {}),
        ...(answers ? { answers } : {}),
        ...(name ? { name } : {}),
      },
      plannerTools(services, actor),
    );
    const id = await storeScaffold(services, actor, {
      ...(planId ? { planId } : {}),
      blueprint: answer.blueprint,
    });
    const errors = answer.checks.filter((one) => one.severity === "error");
    return {
      data: {
        scaffold_id: id,
        blueprint: { ...answer.blueprint },
        files: answer.files.map((one) => ({ ...one })),
        checks: answer.checks.map((one) => ({ ...one })),
        tests: [...answer.tests],
      },
      summary: `${counted(answer.files.length, "file")} and ${counted(answer.tests.length, "test")}; ${counted(errors.length, "check")} failed.`,
      next:
        errors.length > 0
          ? "Fix what checks name in the blueprint, then scaffold again with it."
          : `create with scaffold_id ${id} and a workspace.`,
    };
  },
});
