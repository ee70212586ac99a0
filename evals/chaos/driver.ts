import { connect, type McpSession } from "../harness/client.ts";
import type { Place } from "./places.ts";
import type { Shape } from "./shapes/shape.ts";
import { readTrace, type Row, rowsOf, type Step } from "./traces.ts";
import type { Victim } from "./victim.ts";

/** A run whose start was acknowledged. */
export interface Accepted {
  readonly id: string;
  readonly nonce: string;
  readonly shape: Shape;
  readonly place: Place;
}

/** What was said to a run, and whether that was acknowledged. */
export interface Said {
  readonly what: "approved" | "rejected" | "cancel" | "retry" | "done" | "fail";
  isAcknowledged: boolean;
}

/** A step that somebody saw finished. */
export interface Sight {
  readonly run: string;
  readonly step: Step;
}

/** Milliseconds that a caller waits for an answer. */
const patienceMs = 20_000;

/** Starts runs, and does for them what people do; whatever a kill cuts off is tried again. */
export class Driver {
  readonly accepted: Accepted[] = [];
  /** By run. */
  readonly said = new Map<string, Said>();
  /** Times that somebody was told to do an uncertain step again, by run. */
  readonly retries = new Map<string, number>();
  readonly sights: Sight[] = [];
  /** Answers that should not have come. */
  readonly surprises: string[] = [];
  /** Starts that were asked for again, as a client does whose answer got lost. */
  joined = 0;
  readonly #victim: Victim;
  readonly #random: () => number;
  #agent: McpSession | undefined;

  constructor(victim: Victim, random: () => number) {
    this.#victim = victim;
    this.#random = random;
  }

  async close(): Promise<void> {
    await this.#agent?.close().catch(() => undefined);
  }

  /** Until it is acknowledged; only a webhook without ids is not sent again when its answer is lost. */
  async start(shape: Shape, place: Place, nonce: string): Promise<void> {
    const isHook = shape.start === "webhook";
    const path = isHook ? (place.hooks[shape.name] ?? "") : `/e/${place.slug}/${shape.name}`;
    for (let tried = 0; tried < 30; tried++) {
      await this.#victim.back();
      const answer = await this.#post(path, place, nonce);
      if (answer === undefined && isHook) return;
      if (answer === undefined) continue;
      const { run_id: id } = answer;
      if (this.#random() < 0.1 && !isHook) await this.#joins(path, { place, nonce, id });
      this.accepted.push({ id, nonce, shape, place });
      return;
    }
    this.surprises.push(`${shape.name} ${nonce} was never accepted`);
  }

  /** Who asks again with the same key gets the same run. */
  async #joins(
    path: string,
    { place, nonce, id }: { place: Place; nonce: string; id: string },
  ): Promise<void> {
    const again = await this.#post(path, place, nonce);
    if (again === undefined) return;
    this.joined += 1;
    if (again.run_id !== id)
      this.surprises.push(`${nonce} got two runs, ${id} and ${again.run_id}`);
  }

  async #post(
    path: string,
    { token }: Place,
    nonce: string,
  ): Promise<{ run_id: string } | undefined> {
    try {
      const response = await fetch(`${this.#victim.url}${path}`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${token}`,
          "content-type": "application/json",
          prefer: "respond-async",
          "idempotency-key": nonce,
        },
        body: JSON.stringify({ nonce, n: 1 }),
        signal: AbortSignal.timeout(patienceMs),
      });
      const text = await response.text();
      if (response.ok || text.includes('"run_id"')) return JSON.parse(text) as { run_id: string };
      this.surprises.push(`${path} answered ${response.status}: ${text.slice(0, 200)}`);
    } catch {
      // Killed before it answered.
    }
    return undefined;
  }

  /** The rows of all workspaces; undefined: the server went away meanwhile. */
  async rows(places: readonly Place[]): Promise<Row[] | undefined> {
    try {
      const agent = await this.#connected();
      const rows: Row[] = [];
      for (const place of places) rows.push(...(await rowsOf(agent, place)));
      return rows;
    } catch {
      await this.#drop();
      return undefined;
    }
  }

  /** One look at the runs that wait, with what is to be done about each. */
  async tend(rows: readonly Row[]): Promise<void> {
    const waiting = new Set(rows.filter(({ status }) => status === "waiting").map(({ id }) => id));
    for (const run of this.accepted) {
      if (run.shape.tended === undefined || !waiting.has(run.id)) continue;
      if (run.shape.tended === "settle") await this.#settle(run.id);
      else if (!this.said.get(run.id)?.isAcknowledged) await this.#answer(run);
    }
  }

  /** Looks at a run and remembers which steps were finished by then. */
  async look({ id }: Accepted): Promise<void> {
    const trace = await readTrace(this.#victim, id).catch(() => undefined);
    for (const step of trace?.steps ?? []) {
      if (step.status === "succeeded") this.sights.push({ run: id, step });
    }
  }

  async #answer({ id, shape }: Accepted): Promise<void> {
    if (shape.tended === "cancel") {
      await this.#say(id, "cancel", { action: "cancel", reason: "Changed my mind." });
      return;
    }
    const what = this.said.get(id)?.what ?? (this.#random() < 0.5 ? "approved" : "rejected");
    await this.#say(id, what, { action: "answer", step: "review", payload: { decision: what } });
  }

  /** A person's word on an uncertain step. */
  async #settle(id: string): Promise<void> {
    const trace = await readTrace(this.#victim, id).catch(() => undefined);
    const step = trace?.steps.find(({ status }) => status === "uncertain");
    if (!step) return;
    const decisions = ["retry", "done", "fail"] as const;
    const what = decisions[Math.floor(this.#random() * 3)] ?? "retry";
    if (what === "retry") this.retries.set(id, (this.retries.get(id) ?? 0) + 1);
    const answer = { step: step.id, signal: "uncertain", payload: { decision: what } };
    await this.#say(id, what, { action: "answer", ...answer });
  }

  async #say(id: string, what: Said["what"], input: Record<string, unknown>): Promise<void> {
    const said: Said = { what, isAcknowledged: false };
    this.said.set(id, said);
    try {
      const agent = await this.#connected();
      const { isError } = await agent.call("control_run", { run_id: id, ...input });
      said.isAcknowledged = !isError;
    } catch {
      await this.#drop();
    }
  }

  async #connected(): Promise<McpSession> {
    await this.#victim.back();
    this.#agent ??= await connect(`${this.#victim.url}/mcp`, this.#victim.accountKey, "2.x");
    return this.#agent;
  }

  async #drop(): Promise<void> {
    const agent = this.#agent;
    this.#agent = undefined;
    await agent?.close().catch(() => undefined);
  }
}
