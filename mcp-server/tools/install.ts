import { z } from "zod";
import { install as installEntry } from "#edge/registry/install";
import { idempotencyKey, workspaceSlug } from "../fields.ts";
import { defineTool } from "../tool.ts";
import { secretsField, toWireSecrets } from "../secrets.ts";

export const install = defineTool({
  name: "install",
  title: "Install from the marketplace",
  description:
    "Adds a marketplace entry to a workspace, pinned to its version and hash, live at once: a function or skill by name, an MCP server as a link.",
  annotations: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: z.strictObject({
    entry: z.string().max(120).describe("`@user/name@1.0.0`; without a version the latest."),
    workspace: workspaceSlug,
    alias: z.string().max(40).optional().describe("Its name there."),
    idempotency_key: idempotencyKey,
  }),
  output: z.object({
    slug: z.string(),
    version: z.string(),
    integrity: z.string(),
    resource: z.looseObject({ id: z.string(), kind: z.string(), name: z.string() }),
    secrets: secretsField,
  }),
  async run({ services, actor }, { idempotency_key: key, entry, workspace, alias }) {
    const request = { entry, workspace, alias, idempotencyKey: key };
    const { slug, version, integrity, resource, secrets, similarTo } = await installEntry(
      services,
      actor,
      request,
    );
    const missing = secrets.filter((one) => one.state === "missing");
    return {
      data: {
        slug,
        version,
        integrity,
        resource: { ...resource },
        secrets: toWireSecrets(secrets),
      },
      summary: `${slug}@${version} is installed in ${workspace} as ${resource.kind} "${resource.name}".${similarTo ? ` Its name looks like that of ${similarTo.join(", ")}: make sure that it is the one that was meant.` : ""}`,
      ...(missing.length > 0
        ? {
            next: `Give each enter_url to the person: ${missing.map((one) => one.name).join(", ")}.`,
          }
        : { next: `Try it with invoke, or use it in a workflow by the name "${resource.name}".` }),
    };
  },
});
