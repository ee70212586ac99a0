import { z } from "zod";
import { InputError } from "#blueprints/error";
import { publish as publishEntry } from "#edge/registry/publish";
import { yank } from "#edge/registry/yank";
import { idempotencyKey, resourceReference } from "../fields.ts";
import { defineTool } from "../tool.ts";

export const publish = defineTool({
  name: "publish",
  title: "Publish to the marketplace",
  description:
    "Shares a deployed function, skill or MCP server as @account/name at a version that never changes again. Others install it. Secrets never travel, only their names. Write a readme with one example: agents choose by it. yanked: true without resource takes a version back: found and installed no more, it runs on where it is.",
  annotations: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: true,
  },
  input: z.strictObject({
    resource: resourceReference.optional(),
    slug: z.string().max(103).describe("`@account/name`; the account is yours."),
    version: z.string().max(64).describe("Semantic version, e.g. 1.0.0."),
    readme: z.string().max(50_000).default("").describe("Markdown."),
    visibility: z.enum(["public", "private"]).default("public"),
    yanked: z.boolean().optional().describe("false offers it again."),
    idempotency_key: idempotencyKey,
  }),
  output: z.object({
    slug: z.string(),
    version: z.string(),
    integrity: z.string(),
    adapters: z.record(z.string(), z.string()).optional(),
    install: z.string(),
    url: z.string().optional(),
    yanked: z.boolean().optional(),
    similar_to: z.array(z.string()).optional(),
  }),
  async run({ services, actor }, { idempotency_key: key, resource, yanked, ...request }) {
    if ((resource === undefined) === (yanked === undefined)) {
      throw new InputError("publish.which", "Give either resource or yanked.", {
        fix: "resource publishes; yanked: true takes a version back, false offers it again.",
      });
    }
    if (resource === undefined) {
      const taken = await yank(services, actor, { ...request, yanked: yanked === true });
      const install = `${taken.slug}@${taken.version}`;
      return {
        data: { ...taken, install },
        summary: `${install} is ${taken.yanked ? "taken back: found and installed no more" : "on offer again"}.`,
        ...(taken.yanked ? { next: "Publish a version that puts right what was wrong." } : {}),
      };
    }
    const entry = { ...request, resource, idempotencyKey: key };
    const { similarTo = [], ...answer } = await publishEntry(services, actor, entry);
    const similar = similarTo.join(", ");
    return {
      data: {
        ...answer,
        adapters: { ...answer.adapters },
        ...(similar === "" ? {} : { similar_to: [...similarTo] }),
      },
      summary: `${answer.install} is published (${answer.integrity}).${similar === "" ? "" : ` Searches say that its name looks like that of ${similar}.`}`,
      next: `Others use it with install, entry "${answer.install}", or "use": "${answer.install}" in a blueprint.`,
    };
  },
});
