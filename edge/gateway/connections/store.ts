import { and, desc, eq } from "drizzle-orm";
import type { StoredOAuthTokens } from "@modelcontextprotocol/client";
import { connections } from "#edge/db/tables/workspace-object";
import type { WorkspaceDatabase } from "#edge/db/workspace-database";
import { isBoundTo } from "#edge/gateway/secrets/host-binding";
import type { Vault } from "#edge/gateway/secrets/vault";
import type { Registration } from "./registration.ts";

export type ConnectionRow = typeof connections.$inferSelect;

/** Whose sign-in at which link. */
export interface Holder {
  readonly alias: string;
  /** Empty: the whole workspace. */
  readonly member: string;
}

type Part = "access" | "refresh" | "client";
/** Names of these secrets have a colon, which no declared one may have. */
const prefix = "oauth:";

export function isConnectionSecret(name: string): boolean {
  return name.startsWith(prefix);
}

function nameOf({ alias, member }: Holder, part: Part): string {
  return `${prefix}${alias}:${member}:${part}`;
}

/** Connections at rest: rows here, everything secret in the vault, bound to the host it is for. */
export class ConnectionStore {
  readonly #database: WorkspaceDatabase;
  readonly #vault: Vault;
  readonly #now: () => number;

  constructor(place: { database: WorkspaceDatabase; vault: Vault; now(): number }) {
    this.#database = place.database;
    this.#vault = place.vault;
    this.#now = () => place.now();
  }

  find({ alias, member }: Holder): ConnectionRow | undefined {
    return this.#database
      .select()
      .from(connections)
      .where(and(eq(connections.alias, alias), eq(connections.member, member)))
      .get();
  }

  /** All of a link, the one used last first. */
  list(alias: string): ConnectionRow[] {
    return this.#database
      .select()
      .from(connections)
      .where(eq(connections.alias, alias))
      .orderBy(desc(connections.updatedAt))
      .all();
  }

  ofMember(member: string): ConnectionRow[] {
    return this.#database.select().from(connections).where(eq(connections.member, member)).all();
  }

  async save(
    holder: Holder,
    tokens: StoredOAuthTokens,
    at: { readonly host: string; readonly registration: Registration },
  ): Promise<void> {
    const { registration } = at;
    const issuerHost = hostOf(registration);
    await this.#keep(nameOf(holder, "access"), at.host, tokens.access_token);
    if (tokens.refresh_token) {
      await this.#keep(nameOf(holder, "refresh"), issuerHost, tokens.refresh_token);
    }
    const values = {
      registration,
      scope: tokens.scope ?? null,
      expiresAt: tokens.expires_in === undefined ? null : this.#now() + tokens.expires_in * 1000,
      updatedAt: this.#now(),
    };
    this.#database
      .insert(connections)
      .values({ ...holder, ...values })
      .onConflictDoUpdate({ target: [connections.alias, connections.member], set: values })
      .run();
  }

  /** Of a client that the authorization server gave one; answers the client without it. */
  async keepClientSecret(
    holder: Holder,
    { discovery, client }: Registration,
  ): Promise<Registration["client"]> {
    const { client_secret: secret, ...rest } = { client_secret: undefined, ...client };
    await this.#vault.delete(nameOf(holder, "client"));
    if (secret) {
      await this.#keep(nameOf(holder, "client"), hostOf({ discovery, client }), secret);
    }
    return rest;
  }

  /** The access token, for the host of the link alone. */
  async access(holder: Holder, host: string): Promise<string | undefined> {
    return this.#release(nameOf(holder, "access"), host);
  }

  /** The refresh token and the client's secret, for the authorization server alone. */
  async forRefresh(
    holder: Holder,
    registration: Registration,
  ): Promise<{ refresh?: string; clientSecret?: string }> {
    const host = hostOf(registration);
    const refresh = await this.#release(nameOf(holder, "refresh"), host);
    const clientSecret = await this.#release(nameOf(holder, "client"), host);
    return { ...(refresh ? { refresh } : {}), ...(clientSecret ? { clientSecret } : {}) };
  }

  async remove(holder: Holder): Promise<void> {
    const { alias, member } = holder;
    this.#database
      .delete(connections)
      .where(and(eq(connections.alias, alias), eq(connections.member, member)))
      .run();
    for (const part of ["access", "refresh", "client"] as const) {
      await this.#vault.delete(nameOf(holder, part));
    }
  }

  async #release(name: string, host: string): Promise<string | undefined> {
    return this.#vault.has(name) ? (await this.#vault.release([name], host))[name] : undefined;
  }

  async #keep(name: string, host: string, value: string): Promise<void> {
    const known = this.#vault.list().find((one) => one.name === name);
    if (known && !isBoundTo(known.hosts, host)) await this.#vault.delete(name);
    const purpose = "OAuth, kept by the gateway.";
    this.#vault.declare({ name, purpose, kind: "token", hosts: [host] });
    await this.#vault.put(name, value);
  }
}

/** Of the authorization server's token endpoint: the only one that may see a refresh token. */
function hostOf({ discovery }: Registration): string {
  const { authorizationServerMetadata: metadata, authorizationServerUrl } = discovery;
  return new URL(metadata?.token_endpoint ?? authorizationServerUrl).host;
}
