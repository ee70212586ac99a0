import { z } from "zod";
import { unwrap } from "#blueprints/outcome";
import { openWorkspace } from "#edge/gateway/directory";
import { assertInvitable, createInvitation, proofOf } from "#edge/identity/invitation";
import { nameOf } from "#edge/workflow/answerer";
import { workspaceSlug } from "../fields.ts";
import { defineTool } from "../tool.ts";

const dayMs = 86_400_000;

/** Who holds the token is known of accounts only: the one that sees it here, or claims it by its key. */
function holderOf(name: string): { heldBy?: string } {
  return proofOf(name) === "key" ? { heldBy: name } : {};
}

export const issueToken = defineTool({
  name: "issue_token",
  title: "Issue a workspace token",
  description:
    "Invites a member to a workspace: answers a one-time link where they claim a token and their client's configuration. inline: true answers the token itself, for a program.",
  annotations: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: false,
    openWorldHint: false,
  },
  input: z.strictObject({
    workspace: workspaceSlug,
    member: z
      .string()
      .min(1)
      .max(120)
      .refine((text) => !/\p{Cc}/u.test(text), "no line breaks or control characters")
      .describe("Name, e-mail (asked at the claim) or @account (proven by key)."),
    role: z
      .enum(["admin", "developer", "read-only"])
      .default("developer")
      .describe("read-only: tools marked read-only."),
    expires_in_days: z.number().positive().max(3650).optional(),
    tools: z
      .array(z.string().max(48))
      .max(500)
      .optional()
      .describe("Final tool names that it may use; absent: all of the role."),
    per_minute: z.int().min(1).max(10_000).optional(),
    per_day: z.int().min(1).max(100_000_000).optional(),
    inline: z.boolean().default(false),
  }),
  output: z.object({
    token_id: z.string(),
    member: z.string(),
    role: z.string(),
    gateway_url: z.string(),
    claim_url: z.string().optional(),
    token: z.string().optional(),
    expires_at: z.string().optional(),
  }),
  async run({ services, actor }, { workspace, member, role, inline, ...options }) {
    const { identity, stub } = await openWorkspace(services, actor, workspace);
    if (!inline) await assertInvitable(services, member);
    const expiresAt = options.expires_in_days
      ? Math.round(services.now() + options.expires_in_days * dayMs)
      : undefined;
    const { id, token } = unwrap(
      await stub.issueToken({
        member,
        role,
        ...holderOf(inline ? nameOf(actor) : member),
        ...(expiresAt ? { expiresAt } : {}),
        ...(options.tools ? { tools: options.tools } : {}),
        ...(options.per_minute ? { perMinute: options.per_minute } : {}),
        ...(options.per_day ? { perDay: options.per_day } : {}),
      }),
    );
    const shown = {
      token_id: id,
      member,
      role,
      gateway_url: `${services.baseUrl}/ws/${workspace}`,
      ...(expiresAt ? { expires_at: new Date(expiresAt).toISOString() } : {}),
    };
    if (inline) {
      return {
        data: { ...shown, token },
        summary: `Token ${id} for ${member} (${role}). It is shown this once.`,
        next: "Store it where the client reads it; client_config prints the configuration.",
      };
    }
    const payload = { member, role, tokenId: id, token, ...(expiresAt ? { expiresAt } : {}) };
    const { url } = await createInvitation(services, identity, payload);
    return {
      data: { ...shown, claim_url: url },
      summary: `Token ${id} for ${member} (${role}) waits at ${url} for 24 hours.`,
      next: `Give the link to ${member}: it shows the token once, with the configuration of their client. revoke_token takes the invitation back.`,
    };
  },
});
