import { DurableObject } from "cloudflare:workers";
import type { CallToolResult, Tool } from "@modelcontextprotocol/client";
import type { SecretDeclaration } from "#blueprints/blueprint";
import { attempt, type Outcome } from "#blueprints/outcome";
import type { Env } from "#edge/env";
import type { Actor, MemberActor } from "#edge/identity/actor";
import { callFromInside, callFunction } from "./call-from-inside.ts";
import { answerCode } from "./modes/code-runs.ts";
import { toolModes } from "./modes/cost.ts";
import { serveMcp } from "./protocol/serve.ts";
import { openWorkflow } from "./open-workflow.ts";
import { createRoom, type Room } from "./room.ts";
import { tokenRefused, visitorOf } from "./visitor.ts";
import type * as api from "./workspace-api.ts";

/** Milliseconds that a healthy server needs at most to be asked for its tools. */
const patienceMs = 1000;

/** One workspace: a shell that owns storage and RPC names; what it does is in the modules around. */
export class Workspace extends DurableObject<Env> implements api.WorkspaceApi {
  #room: Room;

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    this.#room = this.#open();
  }

  #open(): Room {
    return createRoom(this.ctx.storage, this.env, (work, delayMs) => {
      setTimeout(work, delayMs);
    });
  }

  /** MCP at `/ws/:slug`; the route has found the workspace, who calls is decided here. */
  override async fetch(request: Request): Promise<Response> {
    const room = this.#room;
    const served = await attempt(async () => {
      const actor = visitorOf(request, room.tokens, room.identity());
      if (!actor) throw tokenRefused();
      const response = await serveMcp(room, room.sdk, request, actor);
      return room.streams.track(actor.kind === "member" ? actor.tokenId : undefined, response);
    });
    if (served.ok) return served.value;
    await request.body?.cancel().catch(() => undefined);
    const { error } = served;
    const headers: HeadersInit = error.status === 401 ? { "www-authenticate": "Bearer" } : {};
    const { code, message, fix } = error;
    const body = {
      jsonrpc: "2.0",
      id: null,
      error: { code: -32001, message, data: { code, fix } },
    };
    return Response.json(body, { status: error.status, headers });
  }

  initialise(identity: api.WorkspaceIdentity): Promise<Outcome<void>> {
    return attempt(() => this.#room.identityStore.initialise(identity));
  }
  describe(): Promise<Outcome<api.WorkspaceDescription>> {
    return attempt(() => {
      const { identity, links, vault, live } = this.#room;
      const items = live.list().map(({ kind, name, version }) => ({ kind, name, version }));
      const described = { ...identity(), links: links.list(), secrets: vault.list(), live: items };
      return { ...described, toolModes: toolModes(this.#room) };
    });
  }
  erase(): Promise<Outcome<void>> {
    return attempt(async () => {
      const { tokens, streams } = this.#room;
      streams.end(tokens.list().map(({ id }) => id));
      await this.ctx.storage.deleteAll();
      this.#room = this.#open();
      // Elsewhere its slug may be remembered for a while: it must not come back to life empty.
      this.#room.identityStore.end();
    });
  }

  declareSecret(declaration: SecretDeclaration): Promise<Outcome<void>> {
    return attempt(() => this.#known().vault.declare(declaration));
  }
  putSecret(
    name: string,
    value: string,
    asked?: Pick<api.SecretState, "kind" | "hosts">,
  ): Promise<Outcome<{ version: number }>> {
    return attempt(async () => {
      const { vault, links } = this.#known();
      const put = await vault.put(name, value, asked);
      // How the servers answer becomes their links' state: never an error of who saved, who waits
      // no longer than a moment for them.
      const refreshed = links.refreshFor(name).catch(() => undefined);
      this.ctx.waitUntil(refreshed);
      await Promise.race([refreshed, scheduler.wait(patienceMs)]);
      return put;
    });
  }
  deleteSecret(name: string): Promise<Outcome<void>> {
    return attempt(async () => {
      const { vault, links } = this.#known();
      await vault.delete(name);
      await links.refreshFor(name);
    });
  }
  listSecrets(): Promise<Outcome<api.SecretState[]>> {
    return attempt(() => this.#known().vault.list());
  }
  releaseSecrets(names: readonly string[], host: string): Promise<Outcome<Record<string, string>>> {
    return attempt(() => this.#known().vault.release(names, host));
  }
  releaseUrl(name: string): Promise<Outcome<string>> {
    return attempt(() => this.#known().vault.releaseUrl(name));
  }
  readSigningSecret(webhook: string): Promise<Outcome<string>> {
    return attempt(() => {
      const { live, vault } = this.#known();
      return vault.signingSecret(live.get("webhook", webhook)?.definition.secret ?? webhook);
    });
  }
  redact(text: string): Promise<Outcome<string>> {
    return attempt(async () => (await this.#known().vault.redactor()).text(text));
  }

  issueToken(request: api.TokenRequest): Promise<Outcome<{ id: string; token: string }>> {
    return attempt(() => this.#known().tokens.issue(request));
  }
  revokeToken(
    filter: { id: string } | { member: string },
  ): Promise<Outcome<{ revoked: string[] }>> {
    return attempt(() => {
      const { tokens, streams } = this.#known();
      const revoked = tokens.revoke(filter);
      streams.end(revoked);
      return { revoked };
    });
  }
  listTokens(): Promise<Outcome<api.TokenState[]>> {
    return attempt(() => this.#known().tokens.list());
  }
  authenticate(token: string): Promise<Outcome<MemberActor>> {
    return attempt(() => {
      const actor = this.#known().tokens.authenticate(token);
      if (actor) return actor;
      throw tokenRefused();
    });
  }

  authenticateGrant(id: string): Promise<Outcome<MemberActor>> {
    return attempt(() => {
      const actor = this.#known().tokens.authenticateGrant(id);
      if (actor) return actor;
      throw tokenRefused();
    });
  }
  revokeGrant(id: string): Promise<Outcome<{ revoked: string[] }>> {
    return attempt(() => {
      const { tokens, streams } = this.#known();
      const revoked = tokens.revokeGrant(id);
      streams.end(revoked);
      return { revoked };
    });
  }

  linkMcp(link: api.McpLink): Promise<Outcome<api.LinkState>> {
    return attempt(() => this.#known().links.link(link));
  }
  unlinkMcp(alias: string): Promise<Outcome<void>> {
    return attempt(() => this.#known().links.unlink(alias));
  }
  listLinks(): Promise<Outcome<api.LinkState[]>> {
    return attempt(() => this.#known().links.list());
  }
  acceptTools(alias: string, tools: readonly string[]): Promise<Outcome<api.LinkState>> {
    return attempt(() => this.#known().links.accept(alias, tools));
  }

  putLive(items: readonly api.LiveItem[]): Promise<Outcome<void>> {
    return attempt(async () => {
      const { live, links, changed } = this.#known();
      live.put(items);
      changed();
      await links.refreshHosted(items.filter(isHosted).map(({ name }) => name));
    });
  }
  removeLive(items: readonly Pick<api.LiveItem, "kind" | "name">[]): Promise<Outcome<void>> {
    return attempt(async () => {
      const { live, links, changed } = this.#known();
      live.remove(items);
      changed();
      await links.refreshHosted(items.filter(isHosted).map(({ name }) => name));
    });
  }
  getLive(kind: api.LiveItem["kind"], name: string): Promise<Outcome<api.LiveItem | undefined>> {
    return attempt(() => this.#known().live.get(kind, name));
  }
  openWorkflow(query: api.WorkflowQuery): Promise<Outcome<api.OpenedWorkflow>> {
    return attempt(() => openWorkflow(this.#known(), query));
  }

  listTools(actor: Actor): Promise<Outcome<Tool[]>> {
    return attempt(() => {
      const { catalogue, identity } = this.#known();
      return catalogue.list(actor, identity()).map(({ tool }) => tool);
    });
  }
  callTool(call: api.ToolCall): Promise<Outcome<CallToolResult>> {
    return attempt(() => callFromInside(this.#known(), call));
  }
  answerCode(toolRun: string, asked: string): Promise<Outcome<string>> {
    return attempt(async () => {
      const value = await answerCode(this.#known(), toolRun, JSON.parse(asked) as unknown);
      return JSON.stringify(value ?? null);
    });
  }
  callFunction(call: api.FunctionCall): Promise<Outcome<{ output: unknown; logs: string[] }>> {
    return attempt(() => callFunction(this.#known(), call));
  }

  recordRun(run: api.RunRow): Promise<Outcome<void>> {
    return attempt(() => this.#known().runs.record(run));
  }
  listRuns(filter: Parameters<api.WorkspaceApi["listRuns"]>[0]): Promise<Outcome<api.RunRow[]>> {
    return attempt(() => this.#known().runs.list(filter));
  }
  callLog(filter: api.CallLogFilter): Promise<Outcome<api.CallLogRow[]>> {
    return attempt(() => this.#known().log.read(filter));
  }
  usage(filter: { since?: number; by?: api.UsageDimension }): Promise<Outcome<api.UsageRow[]>> {
    return attempt(() => this.#known().log.usage(filter));
  }

  /** The room of a workspace that exists; throws `workspace.not-found`. */
  #known(): Room {
    this.#room.identity();
    return this.#room;
  }
}

function isHosted({ kind }: Pick<api.LiveItem, "kind">): boolean {
  return kind === "mcp";
}
