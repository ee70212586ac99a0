import { z } from "zod";
import { host } from "#blueprints/blueprint";
import { unwrap } from "#blueprints/outcome";
import { openWorkspace } from "#edge/gateway/directory";
import { createTicket } from "#edge/identity/tickets";
import { secretName, workspaceSlug } from "../fields.ts";
import { defineTool } from "../tool.ts";

const isHost = (text: string): boolean => host.safeParse(text).success;

export const requestSecret = defineTool({
  name: "request_secret",
  title: "Ask a person for a secret",
  description:
    "Declares a secret of a workspace and answers with a one-time link where a person types its value. It neither takes nor returns a value. For a secret that exists it replaces the value; the rest stays unless given.",
  annotations: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: z.strictObject({
    workspace: workspaceSlug,
    name: secretName,
    purpose: z.string().max(300).optional().describe("Shown to the person."),
    kind: z
      .enum(["token", "url"])
      .optional()
      .describe("`url`: the value is a whole URL. Default token."),
    hosts: z
      .array(z.string().refine(isHost, "not a host such as api.example.com"))
      .max(20)
      .optional()
      .describe("Hosts that may receive it."),
  }),
  output: z.object({
    name: z.string(),
    state: z.enum(["set", "missing"]),
    enter_url: z.string(),
    expires_at: z.string(),
  }),
  async run({ services, actor }, { workspace, name, purpose, kind, hosts }) {
    const { identity, stub } = await openWorkspace(services, actor, workspace);
    const known = unwrap(await stub.listSecrets()).find((one) => one.name === name);
    unwrap(
      await stub.declareSecret({
        name,
        purpose: purpose ?? known?.purpose ?? "",
        kind: kind ?? known?.kind ?? "token",
        hosts: [...(hosts ?? known?.hosts ?? [])],
      }),
    );
    // Asked again: a declaration may take away the value that another purpose was given.
    const declared = unwrap(await stub.listSecrets()).find((one) => one.name === name);
    const { url, expiresAt } = await createTicket(services, {
      purpose: "enter-secret",
      accountId: actor.accountId,
      workspaceId: identity.id,
      payload: { secret: name },
    });
    return {
      data: {
        name,
        state: declared?.state ?? "missing",
        enter_url: url,
        expires_at: new Date(expiresAt).toISOString(),
      },
      summary: `A person can enter ${name} at ${url}.`,
      next: "Give the link to the person you work for and wait until they say that it is done; never ask for the value.",
    };
  },
});
