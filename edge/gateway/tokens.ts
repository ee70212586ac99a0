import { createHash } from "node:crypto";
import { eq } from "drizzle-orm";
import { InputError } from "#blueprints/error";
import { tokens } from "#edge/db/tables/workspace-object";
import type { WorkspaceDatabase } from "#edge/db/workspace-database";
import { createId } from "#edge/id";
import type { MemberActor } from "#edge/identity/actor";
import { tokenRefused } from "./visitor.ts";
import type { TokenRequest, TokenState } from "./workspace-api.ts";

type Row = typeof tokens.$inferSelect;

interface TokenPlace {
  readonly database: WorkspaceDatabase;
  workspaceId(): string;
  now(): number;
}

/** SHA-256 in hex: the only form in which a token is stored. */
function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/**
 * Member tokens. All rows are kept in memory, and this object is their only writer: a revocation
 * holds from the next call on.
 */
export class Tokens {
  readonly #place: TokenPlace;
  #byHash: Map<string, Row> | undefined;
  /** Rows by the token itself, of tokens that were valid once: hashing costs more than the rest. */
  readonly #seen = new Map<string, Row>();
  readonly #usedAt = new Map<string, number>();

  constructor(place: TokenPlace) {
    this.#place = place;
  }

  /**
   * The token itself is answered here and never again. One that is made from another ends with that
   * one at the latest. @throws InputError `token.expired`; `token.invalid` where the other has ended
   */
  issue(request: TokenRequest): { id: string; token: string } {
    const now = this.#place.now();
    if (request.expiresAt !== undefined && request.expiresAt <= now) {
      throw new InputError("token.expired", "The expiry of the token lies in the past.", {
        fix: "Give a time in the future, in milliseconds since 1970.",
      });
    }
    const parent = this.#parentOf(request);
    const ends = [request.expiresAt, parent?.expiresAt].filter((end) => typeof end === "number");
    const secret = crypto.getRandomValues(new Uint8Array(32));
    const token = `wt_${Buffer.from(secret).toString("base64url")}`;
    const row: Row = {
      id: createId("tok", now),
      hash: hashOf(token),
      member: request.member,
      role: request.role,
      tools: request.tools ? [...request.tools] : null,
      expiresAt: ends.length > 0 ? Math.min(...ends) : null,
      createdAt: now,
      lastUsedAt: null,
      revokedAt: null,
      client: request.client ?? null,
      parentId: request.parentId ?? null,
      heldBy: parent ? parent.heldBy : (request.heldBy ?? null),
    };
    this.#place.database.insert(tokens).values(row).run();
    this.#rows().set(row.hash, row);
    return { id: row.id, token };
  }

  /** A person may have signed in while their token was still good, and decide when it is not. */
  #parentOf({ parentId }: TokenRequest): Row | undefined {
    if (parentId === undefined) return undefined;
    const parent = [...this.#rows().values()].find(({ id }) => id === parentId);
    if (!this.#actorOf(parent)) throw tokenRefused();
    return parent;
  }

  /** Ids that were valid until now; an unknown id or member revokes nothing. */
  revoke(filter: { id: string } | { member: string }): string[] {
    const revokedAt = this.#place.now();
    const revoked: string[] = [];
    for (const row of this.#rows().values()) {
      const chosen =
        "id" in filter
          ? row.id === filter.id || row.parentId === filter.id
          : row.member === filter.member;
      if (!chosen || row.revokedAt !== null) continue;
      this.#place.database.update(tokens).set({ revokedAt }).where(eq(tokens.id, row.id)).run();
      row.revokedAt = revokedAt;
      revoked.push(row.id);
    }
    return revoked;
  }

  list(): TokenState[] {
    return [...this.#rows().values()].map((row) => this.#toState(row));
  }

  /** Who holds `token`, or undefined where it is unknown, revoked or expired. */
  authenticate(token: string): MemberActor | undefined {
    if (!token.startsWith("wt_")) return undefined;
    return this.#actorOf(this.#find(token));
  }

  /** The same for an OAuth grant, whose token others have checked; `id` is that of its row. */
  authenticateGrant(id: string): MemberActor | undefined {
    return this.#actorOf(this.#grant(id));
  }

  /** For the client that gave its access back; a row that is no grant stays as it is. */
  revokeGrant(id: string): string[] {
    return this.#grant(id) ? this.revoke({ id }) : [];
  }

  #grant(id: string): Row | undefined {
    return [...this.#rows().values()].find((row) => row.id === id && row.client !== null);
  }

  #actorOf(row: Row | undefined): MemberActor | undefined {
    const now = this.#place.now();
    if (!row || row.revokedAt !== null) return undefined;
    if (row.expiresAt !== null && row.expiresAt <= now) return undefined;
    this.#usedAt.set(row.id, now);
    return {
      kind: "member",
      workspaceId: this.#place.workspaceId(),
      tokenId: row.id,
      ...(row.parentId === null ? {} : { parentId: row.parentId }),
      member: row.member,
      role: row.role,
      ...(row.tools ? { tools: row.tools } : {}),
      ...(row.heldBy === null ? {} : { heldBy: row.heldBy }),
      ...(row.client !== null && row.parentId === null ? { byKey: true as const } : {}),
    };
  }

  /** Writes when tokens were last used; kept out of the call itself. */
  flush(): void {
    for (const row of this.#rows().values()) {
      const lastUsedAt = this.#usedAt.get(row.id);
      if (lastUsedAt === undefined) continue;
      this.#place.database.update(tokens).set({ lastUsedAt }).where(eq(tokens.id, row.id)).run();
      row.lastUsedAt = lastUsedAt;
    }
    this.#usedAt.clear();
  }

  /** The row itself is shared, so what happens to it, as a revocation, counts at once. */
  #find(token: string): Row | undefined {
    const seen = this.#seen.get(token);
    if (seen) return seen;
    const row = this.#rows().get(hashOf(token));
    if (row) this.#seen.set(token, row);
    return row;
  }

  #rows(): Map<string, Row> {
    this.#byHash ??= new Map(
      this.#place.database
        .select()
        .from(tokens)
        .orderBy(tokens.id)
        .all()
        .map((row) => [row.hash, row]),
    );
    return this.#byHash;
  }

  #toState(row: Row): TokenState {
    const lastUsedAt = this.#usedAt.get(row.id) ?? row.lastUsedAt;
    return {
      id: row.id,
      member: row.member,
      role: row.role,
      createdAt: row.createdAt,
      ...(row.tools ? { tools: row.tools } : {}),
      ...(row.expiresAt === null ? {} : { expiresAt: row.expiresAt }),
      ...(lastUsedAt === null ? {} : { lastUsedAt }),
      ...(row.client === null ? {} : { client: row.client }),
      ...(row.parentId === null ? {} : { parentId: row.parentId }),
      ...(row.heldBy === null ? {} : { heldBy: row.heldBy }),
      ...(row.revokedAt === null ? {} : { revokedAt: row.revokedAt }),
    };
  }
}
