import { eq } from "drizzle-orm";
import { InputError, toWireError } from "#blueprints/error";
import { links } from "#edge/db/tables/workspace-object";
import type { WorkspaceDatabase } from "#edge/db/workspace-database";
import { assertReachable } from "#edge/isolates/address";
import type { Connections } from "./connections/connections.ts";
import type { Deadlines } from "#edge/deadlines";
import type { Vault } from "./secrets/vault.ts";
import { checkAlias } from "./tool-names.ts";
import { checkOverrides, type OfferedTool, offeredTools } from "./trust/offered.ts";
import { Pins } from "./trust/pins.ts";
import { Reviews } from "./trust/reviews.ts";
import { Link } from "./upstream/link.ts";
import type { LinkPorts } from "./upstream/link-target.ts";
import type { LinkState, McpLink } from "./workspace-api.ts";

type Row = typeof links.$inferSelect;

/** Milliseconds after which a listing looks for changed tools in the background. */
const staleAfterMs = 60_000;

interface LinkPlace extends LinkPorts {
  readonly database: WorkspaceDatabase;
  readonly vault: Vault;
  readonly connections: Connections;
  readonly deadlines: Deadlines;
  now(): number;
  /** The tools of a link are others now. */
  changed(): void;
}

/** The MCP servers of a workspace and the tools that each had when it was last asked. */
export class Links {
  readonly #place: LinkPlace;
  #rows: Map<string, Row> | undefined;
  readonly #open = new Map<string, Link>();
  /** By row: a link that is replaced forgets whose sessions it had. */
  readonly #members = new WeakMap<Row, Map<string, Link>>();
  readonly #refreshing = new Map<string, Promise<LinkState>>();
  readonly #pins: Pins;
  readonly #reviews: Reviews;

  constructor(place: LinkPlace) {
    this.#place = place;
    this.#pins = new Pins(place);
    this.#reviews = new Reviews(this.#pins, () => this.#all().values());
  }

  /** Stores the link and asks the server for its tools; replaces a link of the same alias. */
  async link(definition: McpLink): Promise<LinkState> {
    checkAlias(definition.alias);
    checkOverrides(definition);
    const { source, auth } = definition;
    if (source.kind === "external") {
      checkUrl(source.url);
      assertReachable(source.url, this.#place.env);
      if (auth.type === "header") this.#place.vault.bind(auth.secret, new URL(source.url).host);
    }
    const before = this.definition(definition.alias);
    if (before?.auth.type === "oauth" && !isSamePlace(before, definition)) {
      await this.#place.connections.disconnect(definition);
    }
    const row: Row = {
      alias: definition.alias,
      definition,
      state: "unavailable",
      problem: null,
      tools: [],
      era: null,
      refreshedAt: null,
    };
    this.#place.database
      .insert(links)
      .values(row)
      .onConflictDoUpdate({ target: links.alias, set: row })
      .run();
    this.#close(row.alias);
    this.#all().set(row.alias, row);
    this.#pins.reread(row.alias);
    this.#changed();
    await this.#refreshing.get(row.alias)?.catch(() => undefined);
    return this.refresh(row.alias);
  }

  unlink(alias: string): void {
    this.#place.database.delete(links).where(eq(links.alias, alias)).run();
    this.#close(alias);
    this.#all().delete(alias);
    this.#pins.forget(alias);
    this.#changed();
  }

  definition(alias: string): McpLink | undefined {
    return this.#all().get(alias)?.definition;
  }

  list(): LinkState[] {
    return [...this.#all().values()].map((row) => this.#toState(row));
  }

  /** Takes the definitions of these tools, by upstream name, as they were last seen. */
  async accept(alias: string, names: readonly string[]): Promise<LinkState> {
    const row = this.#all().get(alias);
    if (!row) throw notLinked(alias);
    this.#pins.accept(row.definition, row.tools, names);
    this.#changed();
    return this.#toState(row);
  }

  /**
   * The link with this alias, ready to be asked; where each member signs in for themselves, as
   * `member` sees it. Without a member it is good for asking what the server offers.
   */
  get(alias: string, member?: string): Link | undefined {
    const own = member === undefined ? undefined : this.#ofMember(alias, member);
    if (own) return own;
    const open = this.#open.get(alias);
    if (open) return open;
    const row = this.#all().get(alias);
    if (!row) return undefined;
    const link = new Link(row.definition, this.#place, {
      era: row.era ?? undefined,
      remember: (era) => this.#save(row, { era }),
    });
    this.#open.set(alias, link);
    return link;
  }

  /** Sessions are a member's own, as their sign-in is. Undefined: the link knows no members. */
  #ofMember(alias: string, member: string): Link | undefined {
    const row = this.#all().get(alias);
    const auth = row?.definition.auth;
    if (!row || auth?.type !== "oauth" || auth.per === "workspace") return undefined;
    const known = this.#members.get(row) ?? new Map<string, Link>();
    this.#members.set(row, known);
    const link =
      known.get(member) ??
      new Link(
        row.definition,
        { ...this.#place, member },
        { era: undefined, remember: () => undefined },
      );
    known.set(member, link);
    return link;
  }

  /** Accepted tools by alias as last seen, also of servers that are down. */
  tools(): { alias: string; tools: readonly OfferedTool[] }[] {
    return [...this.#all().values()].map((row) => ({
      alias: row.alias,
      tools: offeredTools(row.definition, this.#reviews.of(row).accepted),
    }));
  }

  /** Asks for the tools again; failure is a state of the link, not an error. */
  refresh(alias: string): Promise<LinkState> {
    let refreshing = this.#refreshing.get(alias);
    if (!refreshing) {
      refreshing = this.#refresh(alias).finally(() => this.#refreshing.delete(alias));
      this.#refreshing.set(alias, refreshing);
    }
    return refreshing;
  }

  /** Links that wait for this secret, or failed with its former value. */
  async refreshFor(secret: string): Promise<void> {
    const waiting = [...this.#all().values()].filter(
      ({ definition: { auth } }) => auth.type === "header" && auth.secret === secret,
    );
    await Promise.all(waiting.map(({ alias }) => this.refresh(alias)));
  }

  /** Hosted servers whose code was deployed anew. */
  async refreshHosted(names: readonly string[]): Promise<void> {
    const redeployed = [...this.#all().values()].filter(
      ({ definition: { source } }) => source.kind === "hosted" && names.includes(source.name),
    );
    await Promise.all(
      redeployed.map(({ alias }) => {
        this.#close(alias);
        return this.refresh(alias);
      }),
    );
  }

  /** Ends what these tokens have at servers that keep sessions. */
  endSessions(tokenIds: readonly string[]): void {
    for (const alias of this.#all().keys()) {
      for (const link of this.#opened(alias)) tokenIds.forEach((id) => link.endSessions(id));
    }
  }

  /** Forgets the sessions of a link, everybody's; the next call begins new ones. */
  #close(alias: string): void {
    for (const link of this.#opened(alias)) link.close();
    this.#open.delete(alias);
    const row = this.#all().get(alias);
    if (row) this.#members.delete(row);
  }

  #opened(alias: string): Link[] {
    const row = this.#all().get(alias);
    const shared = this.#open.get(alias);
    return [...(shared ? [shared] : []), ...((row && this.#members.get(row)?.values()) ?? [])];
  }

  /** Looks for changed tools where nobody looked for a while; nobody waits for it. */
  refreshStale(): void {
    const before = this.#place.now() - staleAfterMs;
    for (const row of this.#all().values()) {
      // The outcome becomes the state of the link; a link removed meanwhile has none.
      if ((row.refreshedAt ?? 0) < before) void this.refresh(row.alias).catch(() => undefined);
    }
  }

  async #refresh(alias: string): Promise<LinkState> {
    const row = this.#all().get(alias);
    const link = this.get(alias);
    if (!row || !link) throw notLinked(alias);
    const { auth } = row.definition;
    if (auth.type === "header" && !this.#place.vault.has(auth.secret)) {
      const problem = `The secret ${auth.secret} has no value yet.`;
      return this.#save(row, { state: "needs-secret", problem, refreshedAt: this.#place.now() });
    }
    const refreshedAt = this.#place.now();
    if (auth.type === "oauth" && !this.#place.connections.isConnected(alias)) {
      const problem = "Nobody has connected it yet.";
      return this.#save(row, { state: "needs-connection", problem, refreshedAt });
    }
    try {
      const redactor = await this.#place.vault.redactor();
      const tools = redactor.value(await link.listTools());
      return this.#save(row, { state: "ready", problem: null, tools, refreshedAt });
    } catch (error) {
      const { message, fix } = toWireError(error);
      const redactor = await this.#place.vault.redactor();
      const problem = redactor.text(fix ? `${message} ${fix}` : message);
      return this.#save(row, { state: "unavailable", problem, refreshedAt });
    }
  }

  /** Into the row that was read, so that a link replaced meanwhile stays as it is. */
  #save(row: Row, change: Partial<Row>): LinkState {
    const before = row.tools;
    Object.assign(row, change);
    if (this.#all().get(row.alias) === row) {
      this.#place.database.update(links).set(change).where(eq(links.alias, row.alias)).run();
      if (change.tools && JSON.stringify(before) !== JSON.stringify(change.tools)) {
        this.#changed();
      }
    }
    return this.#toState(row);
  }

  #changed(): void {
    this.#reviews.invalidate();
    this.#place.changed();
  }

  #toState(row: Row): LinkState {
    const { accepted, quarantined, flags } = this.#reviews.of(row);
    const health = this.#open.get(row.alias)?.health;
    return {
      alias: row.alias,
      source: row.definition.source,
      state: row.state,
      tools: offeredTools(row.definition, accepted).map(({ name }) => name),
      ...(row.problem === null ? {} : { problem: row.problem }),
      ...(quarantined.length > 0 ? { quarantined } : {}),
      ...(Object.keys(flags).length > 0 ? { flags } : {}),
      ...(health ? { health } : {}),
      ...(row.refreshedAt === null ? {} : { refreshedAt: row.refreshedAt }),
    };
  }

  #all(): Map<string, Row> {
    this.#rows ??= new Map(
      this.#place.database
        .select()
        .from(links)
        .orderBy(links.alias)
        .all()
        .map((row) => [row.alias, row]),
    );
    return this.#rows;
  }
}

/** Whether the sign-ins of one are good for the other. */
function isSamePlace(before: McpLink, now: McpLink): boolean {
  const isSameServer = JSON.stringify(before.source) === JSON.stringify(now.source);
  const [was, is] = [before.auth, now.auth];
  return isSameServer && was.type === "oauth" && is.type === "oauth" && was.per === is.per;
}

function notLinked(alias: string): InputError {
  return new InputError("mcp.not-linked", `No MCP server is linked as "${alias}".`, {
    status: 404,
    fix: "List the links of the workspace.",
  });
}

function checkUrl(url: string): void {
  const parsed = URL.parse(url);
  if (parsed && /^https?:$/.test(parsed.protocol) && !parsed.username && !parsed.password) return;
  throw new InputError("mcp.url", `"${url}" is not an http(s) URL without credentials.`, {
    fix: "Give the URL of its MCP endpoint; credentials belong into a secret.",
  });
}
