import { z } from "zod";
import { InputError } from "#blueprints/error";
import { createResources } from "#edge/deploy/create";
import { counted } from "../counted.ts";
import { readScaffold } from "../drafts.ts";
import { blueprintDocument, idempotencyKey, workspaceSlug } from "../fields.ts";
import { secretsField, toWireSecrets } from "../secrets.ts";
import { defineTool } from "../tool.ts";

export const create = defineTool({
  name: "create",
  title: "Create draft resources",
  description:
    "Checks a blueprint, compiles its code and stores everything as draft versions in a workspace (made if absent). Nothing takes traffic yet. Each secret without value comes with an enter_url: give it to the person, never ask for the value. What did not change keeps its version.",
  annotations: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: z.strictObject({
    scaffold_id: z.string().max(64).optional(),
    blueprint: blueprintDocument.optional(),
    workspace: workspaceSlug.optional().describe("Slug; absent: the blueprint's workspace."),
    idempotency_key: idempotencyKey,
  }),
  output: z.object({
    blueprint_id: z.string(),
    workspace: z.string(),
    gateway_url: z.string(),
    resources: z.array(
      z.looseObject({
        kind: z.string(),
        id: z.string(),
        name: z.string(),
      }),
    ),
    secrets: secretsField,
    warnings: z.array(z.looseObject({ code: z.string(), message: z.string() })),
  }),
  async run({ services, actor }, { scaffold_id: scaffoldId, workspace, ...args }) {
    if ((scaffoldId === undefined) === (args.blueprint === undefined)) {
      throw new InputError("create.which", "Give either scaffold_id or blueprint.", {
        fix: "scaffold answers with a scaffold_id.",
      });
    }
    const blueprint = args.blueprint ?? (await readScaffold(services, actor, scaffoldId ?? ""));
    const answer = await createResources(services, actor, {
      blueprint,
      workspace,
      idempotencyKey: args.idempotency_key,
    });
    const missing = answer.secrets.filter((one) => one.state === "missing");
    const ids = answer.resources.map((one) => one.id);
    return {
      data: {
        blueprint_id: answer.blueprintId,
        workspace: answer.workspace.slug,
        gateway_url: answer.workspace.gatewayUrl,
        resources: answer.resources.map((one) => ({ ...one })),
        secrets: toWireSecrets(answer.secrets),
        warnings: answer.warnings.map((one) => ({ ...one })),
      },
      summary: `${counted(ids.length, "resource is", "resources are")} stored in ${answer.workspace.slug} as ${answer.blueprintId}.`,
      next:
        missing.length > 0
          ? `Give the enter_url of ${missing.map((one) => one.name).join(", ")} to the person; when they are done, deploy with blueprint_id ${answer.blueprintId}.`
          : `deploy with blueprint_id ${answer.blueprintId}.`,
    };
  },
});
