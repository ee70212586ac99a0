import {
  auth,
  OAuthError,
  refreshAuthorization,
  selectResourceURL,
} from "@modelcontextprotocol/client";
import { AerostackError, InputError, UpstreamError } from "#blueprints/error";
import type { WorkspaceDatabase } from "#edge/db/workspace-database";
import type { Env } from "#edge/env";
import type { Vault } from "#edge/gateway/secrets/vault";
import { guardedFetch } from "#edge/gateway/upstream/guarded-fetch";
import type { ConnectionAnswer, McpLink } from "#edge/gateway/workspace-api";
import { createCredential, hashCredential } from "#edge/identity/credential";
import { askWithoutToken } from "./challenge.ts";
import { NotConnectedError } from "./not-connected.ts";
import { type Pending, providerOf } from "./pending.ts";
import { ConnectionStore, type Holder } from "./store.ts";

interface ConnectionPlace {
  readonly database: WorkspaceDatabase;
  readonly vault: Vault;
  readonly env: Env;
  now(): number;
  workspaceId(): string;
  link(alias: string): McpLink | undefined;
  /** A page where a person connects it. */
  invite(holder: Holder, scope: string | undefined, base: string): Promise<string>;
}

/** Milliseconds before the end of an access token at which another one is fetched. */
const marginMs = 30_000;
const pendingMs = 600_000;
/** Errors of a token endpoint after which no further attempt can succeed. */
const finalErrors = new Set(["invalid_grant", "invalid_client", "unauthorized_client"]);

/** The gateway as an OAuth client of the servers behind its links: sign-in, use, refresh, end. */
export class Connections {
  readonly #place: ConnectionPlace;
  readonly #store: ConnectionStore;
  readonly #refreshing = new Map<string, Promise<string>>();
  readonly #invitations = new Map<string, { url: Promise<string>; until: number }>();

  constructor(place: ConnectionPlace) {
    this.#place = place;
    this.#store = new ConnectionStore(place);
  }

  isConnected(alias: string): boolean {
    return this.#store.list(alias).length > 0;
  }

  /**
   * The access token for a request, a fresh one where the last is over or was `rejected`. Without a
   * member: whoever connected last, which is good for asking what tools there are. Throws
   * NotConnectedError; `mcp.refresh-failed` where another attempt may succeed.
   */
  async token(link: McpLink, member: string | undefined, rejected?: string): Promise<string> {
    const [latest] = member === undefined ? this.#store.list(link.alias) : [];
    const holder = { alias: link.alias, member: latest?.member ?? member ?? "" };
    const row = this.#store.find(holder);
    const token = row && (await this.#store.access(holder, hostOf(link)));
    if (!row || token === undefined) throw await this.notConnected(link, member);
    const isOver = row.expiresAt !== null && row.expiresAt - marginMs <= this.#place.now();
    if (!isOver && token !== rejected) return token;
    return this.#refreshOnce(link, holder);
  }

  /** What the caller is told: where a person signs in, with more scope where that is missing. */
  async notConnected(
    link: McpLink,
    member: string | undefined,
    scope?: string,
  ): Promise<NotConnectedError> {
    const isForAll = link.auth.type !== "oauth" || link.auth.per === "workspace";
    const holder = { alias: link.alias, member: isForAll ? "" : (member ?? "") };
    const name = link.alias || "the MCP server";
    if (!isForAll && holder.member === "") {
      return new NotConnectedError(`Nobody has connected ${name} for this caller.`, undefined);
    }
    const url = await this.#invitation(link, holder, scope);
    const what = scope ? `needs more permission (${scope.slice(0, 200)})` : "is not connected yet";
    return new NotConnectedError(`${name} ${what}.`, url);
  }

  /** One link for all calls that fail meanwhile. */
  #invitation(link: McpLink, holder: Holder, scope = ""): Promise<string> {
    const key = JSON.stringify([holder.alias, holder.member, scope]);
    const known = this.#invitations.get(key);
    if (known && known.until > this.#place.now()) return known.url;
    const url = this.#place.invite(holder, scope || undefined, baseOf(link, this.#place.env));
    this.#invitations.set(key, { url, until: this.#place.now() + pendingMs });
    url.catch(() => this.#invitations.delete(key));
    return url;
  }

  #refreshOnce(link: McpLink, holder: Holder): Promise<string> {
    const key = JSON.stringify([holder.alias, holder.member]);
    let refreshing = this.#refreshing.get(key);
    if (!refreshing) {
      refreshing = this.#refresh(link, holder).finally(() => this.#refreshing.delete(key));
      this.#refreshing.set(key, refreshing);
    }
    return refreshing;
  }

  async #refresh(link: McpLink, holder: Holder): Promise<string> {
    const row = this.#store.find(holder);
    if (!row || link.source.kind !== "external") throw await this.notConnected(link, holder.member);
    const { registration } = row;
    const { discovery, client } = registration;
    const { refresh, clientSecret } = await this.#store.forRefresh(holder, registration);
    if (refresh === undefined) return this.#lost(link, holder);
    const metadata = discovery.authorizationServerMetadata;
    const found = discovery.resourceMetadata;
    try {
      const pending = this.#pending(link, holder, { browser: "" });
      const resource = await selectResourceURL(link.source.url, providerOf(pending), found);
      const tokens = await refreshAuthorization(discovery.authorizationServerUrl, {
        ...(metadata ? { metadata } : {}),
        ...(resource ? { resource } : {}),
        clientInformation: { ...client, ...(clientSecret ? { client_secret: clientSecret } : {}) },
        refreshToken: refresh,
        fetchFn: guardedFetch(this.#place.env),
      });
      await this.#store.save(holder, tokens, { host: hostOf(link), registration });
      return tokens.access_token;
    } catch (error) {
      if (error instanceof OAuthError && finalErrors.has(error.code)) {
        return this.#lost(link, holder);
      }
      throw new UpstreamError("mcp.refresh-failed", "The sign-in could not be renewed just now.", {
        retryAfterMs: 1000,
        fix: "Try again in a moment.",
        cause: error,
      });
    }
  }

  /** It was taken away over there, or is over for good. */
  async #lost(link: McpLink, holder: Holder): Promise<never> {
    await this.#store.remove(holder);
    throw await this.notConnected(link, holder.member);
  }

  /** Starts a sign-in; answers where the browser goes, which keeps `browser` meanwhile. */
  async begin(holder: Holder, scope?: string): Promise<{ url: string; browser: string }> {
    const { link, url: serverUrl } = this.#linked(holder.alias);
    this.#invitations.clear();
    const browser = createCredential("");
    const options = { browser: await hashCredential(browser), ...(scope ? { scope } : {}) };
    const pending = this.#pending(link, holder, options);
    const challenge = await askWithoutToken(serverUrl, guardedFetch(this.#place.env));
    const configured = link.auth.type === "oauth" ? link.auth.scope : undefined;
    const granted = this.#store.find(holder)?.scope;
    // Who allows more must not lose what was allowed before.
    const wanted = scope ? union(scope, granted ?? configured) : (configured ?? challenge.scope);
    const { resourceMetadataUrl } = challenge;
    await this.#signIn(pending, link, {
      serverUrl,
      ...(resourceMetadataUrl ? { resourceMetadataUrl } : {}),
      ...(wanted ? { scope: wanted } : {}),
    });
    const { authorizationUrl } = pending;
    if (!authorizationUrl || !/^https?:$/.test(new URL(authorizationUrl).protocol)) {
      throw new UpstreamError("oauth.authorization-url", "The server names no page to sign in at.");
    }
    if (pending.client && pending.discovery) {
      const registration = { discovery: pending.discovery, client: pending.client };
      pending.client = await this.#store.keepClientSecret(holder, registration);
    }
    this.#forgetStale();
    this.#place.database.$client.kv.put(keyOf(pending.state), JSON.stringify(pending));
    return { url: authorizationUrl, browser };
  }

  /** Ends it, with what the authorization server sent the browser back with. */
  async finish({ state, browser, ...back }: ConnectionAnswer): Promise<Holder> {
    const { kv } = this.#place.database.$client;
    const stored = kv.get<string>(keyOf(state));
    const pending = stored ? (JSON.parse(stored) as Pending) : undefined;
    const isOurs = pending && pending.browser === (await hashCredential(browser));
    if (!isOurs || pending.until <= this.#place.now()) throw gone();
    // At once, so that a code is never tried twice.
    kv.delete(keyOf(state));
    if (back.error || !back.code) throw denied(back.error);
    const { link, url: serverUrl } = this.#linked(pending.alias);
    const iss = back.iss === undefined ? {} : { iss: back.iss };
    const bare = pending.client;
    if (bare && pending.discovery) {
      const known = { discovery: pending.discovery, client: bare };
      const { clientSecret } = await this.#store.forRefresh(pending, known);
      if (clientSecret) pending.client = { ...bare, client_secret: clientSecret };
    }
    await this.#signIn(pending, link, { serverUrl, authorizationCode: back.code, ...iss });
    const { tokens, discovery, alias, member } = pending;
    if (!tokens || !discovery || !bare) throw gone();
    const registration = { discovery, client: bare };
    await this.#store.save({ alias, member }, tokens, { host: hostOf(link), registration });
    this.#invitations.clear();
    return { alias, member };
  }

  /** Forgets the sign-ins of a link, or of a member. */
  async disconnect(filter: { readonly alias: string } | { readonly member: string }) {
    const rows =
      "alias" in filter ? this.#store.list(filter.alias) : this.#store.ofMember(filter.member);
    for (const row of rows) await this.#store.remove(row);
  }

  /** Sign-ins that nobody came back from. */
  #forgetStale(): void {
    const { kv } = this.#place.database.$client;
    for (const [key, stored] of kv.list<string>({ prefix: keyOf("") })) {
      if ((JSON.parse(stored) as Pending).until <= this.#place.now()) kv.delete(key);
    }
  }

  async #signIn(
    pending: Pending,
    link: McpLink,
    options: Omit<Parameters<typeof auth>[1], "fetchFn">,
  ): Promise<void> {
    try {
      const provider = providerOf(pending, this.#registered(link));
      await auth(provider, { ...options, fetchFn: guardedFetch(this.#place.env) });
    } catch (error) {
      if (error instanceof AerostackError) throw error;
      const reason = error instanceof Error ? error.message.slice(0, 300) : "unknown";
      throw new UpstreamError("oauth.sign-in", `The sign-in did not work: ${reason}`, {
        fix: "Start again with a new link; if it stays, tell whoever runs the MCP server.",
        cause: error,
      });
    }
  }

  /** The client of the link, where it names one; its secret goes to the first server that is found. */
  #registered({ auth: wanted }: McpLink) {
    const client = wanted.type === "oauth" ? wanted.client : undefined;
    if (!client) return undefined;
    const { id, secret } = client;
    return async (authorizationServer: string) => {
      if (secret === undefined) return { client_id: id };
      const { host } = new URL(authorizationServer);
      const { vault } = this.#place;
      vault.bind(secret, host);
      return { client_id: id, client_secret: (await vault.release([secret], host))[secret] ?? "" };
    };
  }

  #pending(link: McpLink, holder: Holder, options: Pick<Pending, "browser" | "scope">): Pending {
    return {
      ...holder,
      ...options,
      base: baseOf(link, this.#place.env),
      state: `${this.#place.workspaceId()}.${createCredential("")}`,
      until: this.#place.now() + pendingMs,
    };
  }

  #linked(alias: string): { link: McpLink; url: string } {
    const link = this.#place.link(alias);
    if (link?.auth.type === "oauth" && link.source.kind === "external") {
      return { link, url: link.source.url };
    }
    throw gone();
  }
}

function union(...scopes: (string | undefined)[]): string {
  return [...new Set(scopes.flatMap((scope) => scope?.split(" ") ?? []))].join(" ");
}

function keyOf(state: string): string {
  return `connecting:${state}`;
}

function hostOf({ source }: McpLink): string {
  return source.kind === "external" ? new URL(source.url).host : "";
}

/** The platform's public URL, as it was when the link was made. */
function baseOf({ auth: wanted }: McpLink, env: Env): string {
  return env.AEROSTACK_URL ?? (wanted.type === "oauth" ? wanted.base : "");
}

function gone(): InputError {
  return new InputError("oauth.expired", "This sign-in has expired, or is another browser's.", {
    status: 410,
    fix: "Call the tool again: it answers with a new link.",
  });
}

function denied(error = "no code"): InputError {
  return new InputError("oauth.denied", `The server did not let us in: ${error.slice(0, 60)}.`, {
    fix: "Call the tool again for a new link, and allow the access there.",
  });
}
