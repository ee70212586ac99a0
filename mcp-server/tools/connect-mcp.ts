import { z } from "zod";
import { InputError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import type { LinkState, McpLink, OAuthLink } from "#edge/gateway/workspace-api";
import { openWorkspace, type WorkspaceStub } from "#edge/gateway/directory";
import { createTicket } from "#edge/identity/tickets";
import { install } from "#edge/registry/install";
import { counted } from "../counted.ts";
import { secretName, workspaceSlug } from "../fields.ts";
import { shapeOf } from "../link-shape.ts";
import { defineTool, type ToolAnswer, type ToolContext } from "../tool.ts";

/** Without it the credential itself was written here, or what a person enters would go nowhere. */
const placeholder = /\{\{\s*secret\s*\}\}/;

const auth = z
  .discriminatedUnion("type", [
    z.strictObject({ type: z.literal("none") }),
    z.strictObject({
      type: z.literal("header"),
      header: z.string().max(100).default("Authorization"),
      value: z
        .string()
        .max(500)
        .refine(
          (text) => placeholder.test(text),
          "must hold {{ secret }} in the place of the credential",
        )
        .default("Bearer {{ secret }}"),
      secret: secretName,
    }),
    z.strictObject({
      type: z.literal("oauth"),
      per: z.enum(["workspace", "member"]).default("workspace"),
      scope: z.string().max(500).optional(),
      client: z.strictObject({ id: z.string().max(500), secret: secretName.optional() }).optional(),
    }),
  ])
  .default({ type: "none" })
  .describe(
    "`{{ secret }}` in value stands for the secret named in secret. oauth: a person signs in there, one for all or each member. client: one registered by hand.",
  );

const input = z.strictObject({
  workspace: workspaceSlug,
  alias: z
    .string()
    .regex(/^([a-z][a-z0-9_-]{0,39})?$/, "lower case letters, digits, _ and -, or empty")
    .optional()
    .describe("Tools appear as <alias>__<tool>; empty: tools keep their names (one link only)."),
  url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("External server."),
  hosted: z.string().max(40).optional().describe("Name of a deployed mcp of this workspace."),
  entry: z.string().max(120).optional().describe("Marketplace entry, `@user/name[@1.0.0]`."),
  auth,
  tools: z.array(z.string().max(128)).max(500).optional().describe("Allow list; absent: all."),
  accept: z.array(z.string().max(128)).max(500).optional(),
  overrides: z
    .record(z.string(), z.looseObject({}))
    .optional()
    .describe("By the server's tool name: {name?, description?} that clients see instead."),
  limits: z.looseObject({}).optional().describe("{timeout_ms?, answer_bytes?, concurrent?}"),
});
type Arguments = z.output<typeof input>;

function sourceOf({ url, hosted, entry }: Arguments): McpLink["source"] | undefined {
  if ([url, hosted, entry].filter((one) => one !== undefined).length !== 1) {
    throw new InputError("link.which", "Give exactly one of url, hosted and entry.", {
      fix: "url for a server elsewhere, hosted for your own, entry for the marketplace.",
    });
  }
  if (url !== undefined) return { kind: "external", url };
  return hosted === undefined ? undefined : { kind: "hosted", name: hosted };
}

/** `https://mcp.example.com/mcp` makes `mcp-example-com`. */
function aliasOf(source: McpLink["source"]): string {
  if (source.kind === "hosted") return source.name;
  const host = new URL(source.url).hostname.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return (/^[a-z]/.test(host) ? host : `mcp-${host}`).slice(0, 24).replace(/-+$/, "");
}

const output = z.object({
  alias: z.string(),
  state: z.string().describe("ready, unavailable, needs-secret or needs-connection"),
  tools: z.array(z.string()),
  quarantined: z.array(z.looseObject({})).optional(),
  problem: z.string().optional(),
  secret: z.object({ name: z.string(), state: z.string(), enter_url: z.string() }).optional(),
  connect_url: z.string().optional(),
});
type Answer = ToolAnswer<z.input<typeof output>>;
type WantedSecret = z.input<typeof output>["secret"];

export const connectMcp = defineTool({
  name: "connect_mcp",
  title: "Connect an MCP server",
  description:
    "Links an MCP server to a workspace: external url, hosted server of the workspace, or marketplace entry. The secret that auth names is declared; one without value comes with an enter_url for the person. Linking an alias again replaces the link. A tool that is new later, changed or suspicious is quarantined (see get) until accept names it; ask first.",
  annotations: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: true,
  },
  input,
  output,
  async run(context, args) {
    const { services, actor } = context;
    const { identity, stub } = await openWorkspace(services, actor, args.workspace);
    if (args.accept) return toAnswer(unwrap(await stub.acceptTools(args.alias ?? "", args.accept)));
    const source = sourceOf(args);
    if (!source) return connectEntry(context, stub, args);
    const secret = await declareSecret(context, { id: identity.id, stub }, { source, ...args });
    const link = unwrap(
      await stub.linkMcp({
        alias: args.alias ?? aliasOf(source),
        source,
        auth: args.auth.type === "oauth" ? toOAuthLink(args.auth, services.baseUrl) : args.auth,
        ...(args.tools ? { tools: args.tools } : {}),
        ...shapeOf(args),
      }),
    );
    if (args.auth.type !== "oauth" || link.state === "ready") return toAnswer(link, secret);
    const { url } = await createTicket(services, {
      purpose: "connect",
      accountId: actor.accountId,
      workspaceId: identity.id,
      payload: {
        alias: link.alias,
        member: args.auth.per === "member" ? `@${actor.name}` : "",
        ...(args.auth.scope ? { scope: args.auth.scope } : {}),
      },
    });
    const answer = toAnswer(link, secret);
    const first = secret ? `First ${secret.enter_url}, where the client's secret is entered. ` : "";
    const next = `${first}Give ${url} to the person: they sign in at the server, then the tools appear.`;
    return { ...answer, data: { ...answer.data, connect_url: url }, next };
  },
});

function toOAuthLink(
  { per, scope, client }: Extract<Arguments["auth"], { type: "oauth" }>,
  base: string,
): OAuthLink {
  const registered = client
    ? { client: { id: client.id, ...(client.secret ? { secret: client.secret } : {}) } }
    : {};
  return { type: "oauth", per, base, ...(scope ? { scope } : {}), ...registered };
}

async function connectEntry(
  { services, actor }: ToolContext,
  stub: WorkspaceStub,
  { entry = "", workspace, alias }: Arguments,
): Promise<Answer> {
  const { resource } = await install(services, actor, { entry, workspace, alias });
  const links = unwrap(await stub.listLinks());
  const installed = links.find((one) => one.alias === resource.name);
  if (installed) return toAnswer(installed);
  throw new InputError("link.not-an-mcp", `${entry} is not an MCP server.`, {
    fix: "It is installed; use it as a function or skill of the workspace.",
  });
}

function secretOf(wanted: Arguments["auth"]): string | undefined {
  if (wanted.type === "header") return wanted.secret;
  return wanted.type === "oauth" ? wanted.client?.secret : undefined;
}

/** Declares the secret that the link needs, and makes the page where it is entered. */
async function declareSecret(
  { services, actor }: ToolContext,
  { id, stub }: { readonly id: string; readonly stub: WorkspaceStub },
  { source, auth: wanted }: Pick<Arguments, "auth"> & { readonly source: McpLink["source"] },
): Promise<WantedSecret> {
  const name = secretOf(wanted);
  if (name === undefined || source.kind !== "external") return undefined;
  const known = unwrap(await stub.listSecrets()).find((one) => one.name === name);
  // Who issues the tokens is found at the sign-in: the secret of a client is bound then.
  const host = wanted.type === "header" ? [new URL(source.url).host] : [];
  unwrap(
    await stub.declareSecret({
      name,
      kind: "token",
      purpose: known?.purpose || `Credential of the MCP server ${source.url}`,
      hosts: [...new Set([...(known?.hosts ?? []), ...host])],
    }),
  );
  if (known?.state === "set") return undefined;
  const { url } = await createTicket(services, {
    purpose: "enter-secret",
    accountId: actor.accountId,
    workspaceId: id,
    payload: { secret: name },
  });
  return { name, state: "missing", enter_url: url };
}

function toAnswer(link: LinkState, secret?: WantedSecret): Answer {
  return {
    data: {
      alias: link.alias,
      state: link.state,
      tools: [...link.tools],
      ...(link.quarantined
        ? { quarantined: link.quarantined.map(({ tool, reason }) => ({ tool, reason })) }
        : {}),
      ...(link.problem ? { problem: link.problem } : {}),
      ...(secret ? { secret } : {}),
    },
    summary:
      link.state === "ready"
        ? `Linked as "${link.alias}" with ${counted(link.tools.length, "tool")}.`
        : `Linked as "${link.alias}", but its state is ${link.state}${link.problem ? `: ${link.problem}` : "."}`,
    ...(link.quarantined
      ? {
          next: "Look at what is quarantined with get (kind mcp); accept what the person agrees to.",
        }
      : {}),
    ...(secret
      ? { next: `Give ${secret.enter_url} to the person; afterwards the tools appear.` }
      : {}),
  };
}
