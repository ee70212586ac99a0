import { z } from "zod";
import { rollback as rollbackResource } from "#edge/deploy/rollback";
import { idempotencyKey, resourceReference } from "../fields.ts";
import { defineTool } from "../tool.ts";

export const rollback = defineTool({
  name: "rollback",
  title: "Roll back",
  description:
    "Makes an earlier version of a resource live again: the given one, or the one before the current. Runs under way finish on the version they began with.",
  annotations: {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: false,
    openWorldHint: false,
  },
  input: z.strictObject({
    resource: resourceReference,
    version: z.int().min(1).optional(),
    idempotency_key: idempotencyKey,
  }),
  output: z.object({
    deployment_id: z.string(),
    resource: z.looseObject({ id: z.string(), name: z.string() }),
    from: z.number().nullable(),
    to: z.number(),
  }),
  async run({ services, actor }, { resource, version, idempotency_key: key }) {
    const answer = await rollbackResource(services, actor, {
      resource,
      version,
      idempotencyKey: key,
    });
    return {
      data: {
        deployment_id: answer.deploymentId,
        resource: { ...answer.resource },
        from: answer.from,
        to: answer.to,
      },
      summary: `${answer.resource.kind} "${answer.resource.name}" serves version ${answer.to} again (was ${answer.from ?? "not live"}).`,
    };
  },
});
