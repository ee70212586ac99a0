import type { RpcResult } from "./json-rpc.ts";
import type { Cancellation } from "#edge/cancel";
import { Connection } from "./connection.ts";
import type { Era } from "./era.ts";
import type { Target } from "./target.ts";

/** Whose a session is at an upstream that keeps sessions. */
export interface SessionOwner {
  /** Id of the token, or of the account. */
  readonly id: string;
  /** What their client can answer: `initialize` declares it once for the session. */
  readonly capabilities: RpcResult;
}

/** Sessions of one upstream at once; the one that was not used for longest makes room. */
const maximumSessions = 100;
const idleMs = 30 * 60_000;

interface Kept {
  readonly owner: string;
  readonly connection: Connection;
  usedAt: number;
}

interface SessionsPlace {
  readonly target: Target;
  readonly era: Era | undefined;
  remember(era: Era): void;
  now(): number;
}

/**
 * The conversations with one upstream. Lists, runs and servers without sessions share one; a server
 * that keeps something about its client meets every token as a client of its own, so that nobody
 * sees what another's calls left there.
 */
export class Sessions {
  readonly shared: Connection;
  readonly #place: SessionsPlace;
  /** In the order of last use. */
  readonly #kept = new Map<string, Kept>();

  constructor(place: SessionsPlace) {
    this.#place = place;
    this.shared = new Connection(place.target, place);
  }

  async of(owner: SessionOwner | undefined, signal: Cancellation): Promise<Connection> {
    if (!owner) return this.shared;
    if (this.shared.isSessionBound === undefined) await this.shared.ready(signal);
    return this.shared.isSessionBound ? this.#own(owner) : this.shared;
  }

  /** Ends what a token, or an account, had here. */
  end(owner: string): void {
    for (const [key, kept] of this.#kept) if (kept.owner === owner) this.#drop(key, kept);
  }

  close(): void {
    for (const [key, kept] of this.#kept) this.#drop(key, kept);
    this.shared.close();
  }

  #own({ id, capabilities }: SessionOwner): Connection {
    const key = `${id} ${JSON.stringify(capabilities)}`;
    const now = this.#place.now();
    const known = this.#kept.get(key);
    const connection =
      known?.connection ??
      new Connection(this.#place.target, {
        era: undefined,
        isInitialized: true,
        remember: () => undefined,
        capabilities,
      });
    this.#kept.delete(key);
    this.#kept.set(key, { owner: id, connection, usedAt: now });
    for (const [other, kept] of this.#kept) {
      const isTooOld = kept.usedAt < now - idleMs;
      if (!isTooOld && this.#kept.size <= maximumSessions) break;
      this.#drop(other, kept);
    }
    return connection;
  }

  #drop(key: string, { connection }: Kept): void {
    this.#kept.delete(key);
    connection.close();
  }
}
