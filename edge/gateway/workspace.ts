import { DurableObject } from "cloudflare:workers";
import type { CallToolResult, Tool } from "@modelcontextprotocol/client";
import type { SecretDeclaration } from "#blueprints/blueprint";
import { attempt, type Outcome } from "#blueprints/outcome";
import type { Env } from "#edge/env";
import type { Actor, MemberActor } from "#edge/identity/actor";
import { callFromInside, callFunction } from "./call-from-inside.ts";
import { spansOfRun } from "#edge/observe/otlp/runs";
import type { RunTrace } from "#edge/workflow/run-api";
import { answerCode } from "./modes/code-runs.ts";
import { toolModes } from "./modes/cost.ts";
import { isConnectionSecret } from "./connections/store.ts";
import { serveMcp } from "./protocol/serve.ts";
import { openWorkflow } from "./open-workflow.ts";
import { type ArgumentPolicy, checkPolicy } from "./policy/argument-policy.ts";
import { isForPrograms, servePrograms } from "./programs/serve.ts";
import { refuse } from "./refusal.ts";
import { createRoom, endTokens, type Room } from "./room.ts";
import { checkTelemetry } from "./telemetry.ts";
import { openBot, webhookSecret } from "./secrets/signing.ts";
import { tokenRefused, visitorOf } from "./visitor.ts";
import type * as api from "./workspace-api.ts";
import type { LiveItem, OpenedWorkflow, WorkflowQuery } from "./live-items.ts";
import type * as records from "./records.ts";

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
      if (isForPrograms(request.url)) return servePrograms(room, request, actor);
      const response = await serveMcp(room, room.sdk, request, actor);
      return room.streams.track(actor.kind === "member" ? actor.tokenId : undefined, response);
    });
    if (served.ok) return served.value;
    await request.body?.cancel().catch(() => undefined);
    return refuse(request.url, served.error);
  }

  initialise(identity: api.WorkspaceIdentity): Promise<Outcome<void>> {
    return attempt(() => this.#room.identityStore.initialise(identity));
  }
  describe(): Promise<Outcome<api.WorkspaceDescription>> {
    return attempt(() => {
      const { identity, links, vault, live, policies, settings } = this.#room;
      const items = live.list().map(({ kind, name, version }) => ({ kind, name, version }));
      const described = {
        ...identity(),
        links: links.list(),
        secrets: vault.list().filter(isDeclared),
        live: items,
      };
      return {
        ...described,
        toolModes: toolModes(this.#room),
        policies: policies.list(),
        settings: settings.get(),
        exported: this.#room.exporter.state,
      };
    });
  }
  erase(): Promise<Outcome<void>> {
    return attempt(async () => {
      const { tokens } = this.#room;
      endTokens(
        this.#room,
        tokens.list().map(({ id }) => id),
      );
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
  rotateDataKey(): Promise<Outcome<{ secrets: number }>> {
    return attempt(() => this.#known().vault.rotateDataKey());
  }
  listSecrets(): Promise<Outcome<api.SecretState[]>> {
    return attempt(() => this.#known().vault.list().filter(isDeclared));
  }
  releaseSecrets(names: readonly string[], host: string): Promise<Outcome<Record<string, string>>> {
    return attempt(() => this.#known().vault.release(names, host));
  }
  releaseUrl(name: string): Promise<Outcome<string>> {
    return attempt(() => this.#known().vault.releaseUrl(name));
  }
  readSigningSecret(webhook: string): Promise<Outcome<string>> {
    return attempt(() => webhookSecret(this.#known(), webhook));
  }
  openBot(...asked: Parameters<api.WorkspaceApi["openBot"]>) {
    return attempt(() => openBot(this.#known(), ...asked));
  }
  redact(text: string): Promise<Outcome<string>> {
    return attempt(async () => (await this.#known().vault.redactor()).text(text));
  }

  issueToken(request: api.TokenRequest): Promise<Outcome<{ id: string; token: string }>> {
    return attempt(() => {
      const { tokens, limits } = this.#known();
      const issued = tokens.issue(request);
      limits.set(issued.id, request);
      return issued;
    });
  }
  revokeToken(
    filter: { id: string } | { member: string },
  ): Promise<Outcome<{ revoked: string[] }>> {
    return attempt(async () => {
      const { tokens, connections } = this.#known();
      const revoked = tokens.revoke(filter);
      endTokens(this.#room, revoked);
      if ("member" in filter && filter.member) await connections.disconnect(filter);
      return { revoked };
    });
  }
  listTokens(): Promise<Outcome<api.TokenState[]>> {
    return attempt(() => {
      const { tokens, limits } = this.#known();
      return tokens.list().map((token) => ({ ...token, ...limits.of(token.id) }));
    });
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
      const revoked = this.#known().tokens.revokeGrant(id);
      endTokens(this.#room, revoked);
      return { revoked };
    });
  }

  putPolicies(policies: readonly ArgumentPolicy[]): Promise<Outcome<void>> {
    return attempt(() => {
      const known = this.#known().policies;
      policies.forEach(checkPolicy);
      policies.forEach((policy) => known.put(policy));
    });
  }
  removePolicies(names: readonly string[]): Promise<Outcome<void>> {
    return attempt(() => names.forEach((name) => this.#known().policies.remove(name)));
  }
  changeSettings(change: api.SettingsChange): Promise<Outcome<api.WorkspaceSettings>> {
    return attempt(() => {
      const { settings, log, vault } = this.#known();
      if (change.telemetry) checkTelemetry(change.telemetry, this.env, vault);
      const changed = settings.change(change);
      log.prune();
      return changed;
    });
  }

  linkMcp(link: api.McpLink): Promise<Outcome<api.LinkState>> {
    return attempt(() => this.#known().links.link(link));
  }
  unlinkMcp(alias: string): Promise<Outcome<void>> {
    return attempt(async () => {
      const { links, connections } = this.#known();
      links.unlink(alias);
      await connections.disconnect({ alias });
    });
  }
  listLinks(): Promise<Outcome<api.LinkState[]>> {
    return attempt(() => this.#known().links.list());
  }
  beginConnection(
    holder: { readonly alias: string; readonly member: string },
    scope?: string,
  ): Promise<Outcome<{ url: string; browser: string }>> {
    return attempt(() => this.#known().connections.begin(holder, scope));
  }
  finishConnection(
    answer: api.ConnectionAnswer,
  ): Promise<Outcome<{ alias: string; member: string }>> {
    return attempt(async () => {
      const { connections, links } = this.#known();
      const holder = await connections.finish(answer);
      // How the server answers becomes the state of its link.
      await Promise.race([links.refresh(holder.alias), scheduler.wait(patienceMs)]);
      return holder;
    });
  }
  acceptTools(alias: string, tools: readonly string[]): Promise<Outcome<api.LinkState>> {
    return attempt(() => this.#known().links.accept(alias, tools));
  }

  putLive(items: readonly LiveItem[]): Promise<Outcome<void>> {
    return attempt(async () => {
      const { live, links, changed } = this.#known();
      live.put(items);
      changed();
      await links.refreshHosted(items.filter(isHosted).map(({ name }) => name));
    });
  }
  removeLive(items: readonly Pick<LiveItem, "kind" | "name">[]): Promise<Outcome<void>> {
    return attempt(async () => {
      const { live, links, changed } = this.#known();
      live.remove(items);
      changed();
      await links.refreshHosted(items.filter(isHosted).map(({ name }) => name));
    });
  }
  getLive(kind: LiveItem["kind"], name: string): Promise<Outcome<LiveItem | undefined>> {
    return attempt(() => this.#known().live.get(kind, name));
  }
  openWorkflow(query: WorkflowQuery): Promise<Outcome<OpenedWorkflow>> {
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

  admitAttempt(...asked: Parameters<api.WorkspaceApi["admitAttempt"]>): Promise<Outcome<boolean>> {
    return attempt(() => this.#known().attempts.admit(...asked));
  }
  recordRuns(rows: readonly records.RunRow[]): Promise<Outcome<{ isTraced: boolean }>> {
    return attempt(async () => {
      const { runs, exporter } = this.#known();
      await runs.record(rows);
      return { isTraced: exporter.isOn };
    });
  }
  exportRun(trace: RunTrace): Promise<Outcome<void>> {
    return attempt(() => this.#known().exporter.add(spansOfRun(trace)));
  }
  listRuns(...asked: Parameters<api.WorkspaceApi["listRuns"]>): Promise<Outcome<records.RunRow[]>> {
    return attempt(() => this.#known().runs.list(...asked));
  }
  callLog(filter: records.CallLogFilter): Promise<Outcome<records.CallLogRow[]>> {
    return attempt(() => this.#known().log.read(filter));
  }
  usage(...asked: Parameters<api.WorkspaceApi["usage"]>): Promise<Outcome<records.UsageRow[]>> {
    return attempt(() => this.#known().log.usage(...asked));
  }

  /** The room of a workspace that exists; throws `workspace.not-found`. */
  #known(): Room {
    this.#room.identity();
    return this.#room;
  }
}

/** What people declared; tokens of connections are the gateway's own affair. */
function isDeclared({ name }: api.SecretState): boolean {
  return !isConnectionSecret(name);
}

function isHosted({ kind }: Pick<LiveItem, "kind">): boolean {
  return kind === "mcp";
}
