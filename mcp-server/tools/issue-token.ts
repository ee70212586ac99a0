import { z } from "zod";
import { unwrap } from "#blueprints/outcome";
import { openWorkspace } from "#edge/gateway/directory";
import { createTicket } from "#edge/identity/tickets";
import { workspaceSlug } from "../fields.ts";
import { defineTool } from "../tool.ts";

const dayMs = 86_400_000;

export const issueToken = defineTool({
  name: "issue_token",
  title: "Issue a workspace token",
  description:
    "Makes a token with which one member's client uses a workspace. Answers with a one-time claim link for the member; with inline: true the token itself stands in the answer, for a program that you set up yourself.",
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
      .describe("Name or e-mail address."),
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
    const expiresAt = options.expires_in_days
      ? Math.round(services.now() + options.expires_in_days * dayMs)
      : undefined;
    const { id, token } = unwrap(
      await stub.issueToken({
        member,
        role,
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
    const ticket = await createTicket(services, {
      purpose: "claim-token",
      accountId: actor.accountId,
      workspaceId: identity.id,
      payload: { member, role, token, ...(expiresAt ? { expiresAt } : {}) },
    });
    return {
      data: { ...shown, claim_url: ticket.url },
      summary: `Token ${id} for ${member} (${role}) waits at ${ticket.url}.`,
      next: `Give the link to ${member}: it shows the token once. client_config prints the configuration.`,
    };
  },
});
