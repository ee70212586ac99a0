import { and, eq, lt } from "drizzle-orm";
import { type AerostackError, InputError } from "#blueprints/error";
import { tokenDays, tokenLimits } from "#edge/db/tables/workspace-object";
import type { WorkspaceDatabase } from "#edge/db/workspace-database";
import type { TokenRequest } from "#edge/gateway/workspace-api";
import { CallWindow } from "./call-window.ts";

type Limits = Pick<TokenRequest, "perMinute" | "perDay">;
type Row = typeof tokenLimits.$inferSelect;

const dayMs = 86_400_000;
const keptDays = 8;

interface LimitPlace {
  readonly database: WorkspaceDatabase;
  now(): number;
}

/**
 * How often each token may call. Minutes are counted in memory; days are, too, and written with the
 * next batch of the log, never within a call. A token made from another counts as that one.
 */
export class TokenLimits {
  readonly #place: LimitPlace;
  #rows: Map<string, Row> | undefined;
  readonly #windows = new Map<string, CallWindow>();
  readonly #days = new Map<string, { day: string; calls: number; written: number }>();

  constructor(place: LimitPlace) {
    this.#place = place;
  }

  set(tokenId: string, { perMinute, perDay, parentId }: Limits & { parentId?: string }): void {
    const parent = parentId === undefined ? undefined : this.#all().get(parentId);
    if (perMinute === undefined && perDay === undefined && !parent) return;
    const row: Row = {
      tokenId,
      countsAs: parent?.countsAs ?? tokenId,
      perMinute: perMinute ?? parent?.perMinute ?? null,
      perDay: perDay ?? parent?.perDay ?? null,
    };
    this.#place.database.insert(tokenLimits).values(row).run();
    this.#all().set(tokenId, row);
  }

  of(tokenId: string): Limits & { callsToday?: number } {
    const row = this.#all().get(tokenId);
    if (!row) return {};
    return {
      ...(row.perMinute === null ? {} : { perMinute: row.perMinute }),
      ...(row.perDay === null
        ? {}
        : { perDay: row.perDay, callsToday: this.#today(row.countsAs).calls }),
    };
  }

  /** Counts a call, or says why not and when again; a refused one does not count. */
  take(tokenId: string): AerostackError | undefined {
    const row = this.#all().get(tokenId);
    if (!row) return undefined;
    const now = this.#place.now();
    const window = row.perMinute === null ? undefined : this.#window(row.countsAs, row.perMinute);
    const today = row.perDay === null ? undefined : this.#today(row.countsAs);
    if (today && row.perDay !== null && today.calls >= row.perDay) {
      return refused("token.quota", `${row.perDay} calls a day`, dayMs - (now % dayMs));
    }
    const waitMs = window?.waitMs(now) ?? 0;
    if (waitMs > 0) return refused("token.rate-limited", `${row.perMinute} calls a minute`, waitMs);
    window?.count(now);
    if (today) today.calls++;
    return undefined;
  }

  /** Writes what was counted since the last time. */
  flush(): void {
    const { database } = this.#place;
    for (const [tokenId, counted] of this.#days) {
      const { day, calls } = counted;
      if (calls === counted.written) continue;
      database
        .insert(tokenDays)
        .values({ tokenId, day, calls })
        .onConflictDoUpdate({ target: [tokenDays.tokenId, tokenDays.day], set: { calls } })
        .run();
      counted.written = calls;
    }
  }

  #today(tokenId: string): { day: string; calls: number; written: number } {
    const day = dayOf(this.#place.now());
    const counted = this.#days.get(tokenId);
    if (counted?.day === day) return counted;
    const { database } = this.#place;
    const before = dayOf(this.#place.now() - keptDays * dayMs);
    database.delete(tokenDays).where(lt(tokenDays.day, before)).run();
    const row = database
      .select()
      .from(tokenDays)
      .where(and(eq(tokenDays.tokenId, tokenId), eq(tokenDays.day, day)))
      .get();
    const fresh = { day, calls: row?.calls ?? 0, written: row?.calls ?? 0 };
    this.#days.set(tokenId, fresh);
    return fresh;
  }

  #window(key: string, perMinute: number): CallWindow {
    const known = this.#windows.get(key);
    if (known?.perMinute === perMinute) return known;
    const window = new CallWindow(perMinute);
    this.#windows.set(key, window);
    return window;
  }

  #all(): Map<string, Row> {
    this.#rows ??= new Map(
      this.#place.database
        .select()
        .from(tokenLimits)
        .all()
        .map((row) => [row.tokenId, row]),
    );
    return this.#rows;
  }
}

/** In UTC. */
function dayOf(now: number): string {
  return new Date(now).toISOString().slice(0, 10);
}

function refused(code: string, allowed: string, retryAfterMs: number): InputError {
  const seconds = Math.ceil(retryAfterMs / 1000);
  return new InputError(code, `This token may make ${allowed}, and has made them.`, {
    status: 429,
    retryAfterMs,
    details: { retry_after_seconds: seconds },
    fix: `Wait ${seconds} s, or ask an admin of the workspace for a token that may call more often.`,
  });
}
