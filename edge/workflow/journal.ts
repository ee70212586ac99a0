import { BugError } from "#blueprints/error";
import type { Deadlines } from "#edge/deadlines";
import { applyEvent } from "./fold.ts";
import type { RunEvent } from "./history.ts";
import { runLimits } from "./limits.ts";
import { createState, type RunState } from "./run-state.ts";
import type { RunRequest } from "./run-api.ts";
import type { RunStore, StoredEvent } from "./store.ts";

/** What varies around a journal. */
export interface JournalPorts {
  readonly store: RunStore;
  now(): number;
  /** Somebody follows the events: they are stored, and so shown, at once. */
  isWatched(): boolean;
  /** After every durable point, in the same turn, so that what it writes commits together. */
  onCommit(): void;
}

/** Milliseconds that a finished pure step may wait for the next durable point. */
const commitAfterMs = 100;

/**
 * The history of a run on its way to storage. What is appended reaches it at durable points: before a
 * step acts on the world, right after it did, and when the run waits or ends; pure steps in between
 * ride along. A write that fails ends this life of the run: what is in memory is ahead of the disk, so
 * nothing more is recorded or begun, and the next life goes on from what is stored.
 * Cloudflare's output gates hold every request and answer until the rows before it are on
 * disk, so a marker is never behind its effect.
 */
export class Journal {
  readonly state: RunState = createState();
  readonly #request: RunRequest;
  readonly #ports: JournalPorts;
  #pending: StoredEvent[] = [];
  #urgent = false;
  #committedAt: number;
  readonly #deadlines: Deadlines;
  /** Calls off the next durable point that would come by itself. */
  #late: (() => void) | undefined;
  #failure: unknown;
  /** Bytes of JSON stored in this life of the process. */
  #bytes = 0;

  constructor(request: RunRequest, ports: JournalPorts, deadlines: Deadlines) {
    this.#request = request;
    this.#ports = ports;
    this.#deadlines = deadlines;
    this.#committedAt = ports.now();
  }

  /** Reads back what is stored. */
  load(): void {
    for (const { seq, event } of this.#ports.store.readEvents(0)) {
      applyEvent(this.state, event);
      this.state.seq = seq;
    }
    this.#bytes = this.#ports.store.bytes();
  }

  get isTooLarge(): boolean {
    return this.#bytes > runLimits.historyBytes;
  }

  append(event: RunEvent): void {
    if (this.#failure !== undefined) {
      throw new BugError("run.storage-failed", "The run's history could not be written.", {
        cause: this.#failure,
      });
    }
    applyEvent(this.state, event);
    this.#pending.push({ seq: this.state.seq, event });
  }

  /** Appends what must be durable at the next turn. */
  record(event: RunEvent): void {
    this.append(event);
    this.#urgent = true;
  }

  /** What was appended must be durable at the next turn. */
  hurry(): void {
    this.#urgent = true;
  }

  /** Makes everything appended so far durable. */
  flush(): void {
    this.#urgent = true;
    this.commit(false);
  }

  #write(events: readonly StoredEvent[]): void {
    try {
      if (events[0]?.seq === 1) this.#ports.store.writeRequest(this.#request);
      this.#bytes += this.#ports.store.appendEvents(events);
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  /** Makes it durable if that is due; `idle`: nothing follows by itself. */
  commit(idle: boolean): void {
    if (this.#pending.length === 0) return;
    const now = this.#ports.now();
    const due = now - this.#committedAt >= commitAfterMs || this.#ports.isWatched();
    if (!idle && !this.#urgent && !due) {
      this.#late ??= this.#deadlines.after(commitAfterMs, () => this.flush());
      return;
    }
    this.#late?.();
    this.#late = undefined;
    const events = this.#pending;
    this.#pending = [];
    this.#urgent = false;
    this.#committedAt = now;
    this.#write(events);
    this.#ports.onCommit();
  }
}
