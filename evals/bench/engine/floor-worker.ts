import { DurableObject } from "cloudflare:workers";
import { stepsOf } from "./contender.ts";

interface FloorEnv {
  readonly RUN: DurableObjectNamespace<Run>;
  /** `127.0.0.1:port`. */
  readonly WITNESS: string;
}

interface Order {
  readonly kind: string;
  readonly name: string;
  readonly n: number;
  readonly waits: boolean;
}

/** Milliseconds: a run whose process died goes on after this long. */
const alarmMs = 1_000;

/**
 * The least that a correct durable engine with an object a run does: a file of its own for each run, a row
 * for each finished step, output gates that hold what leaves until the rows are on disk, and one alarm
 * that brings back what died. No definition, no history, no identity, no limits, no traces.
 */
export class Run extends DurableObject<FloorEnv> {
  readonly #sql = this.ctx.storage.sql;
  #underWay: Promise<void> | undefined;

  constructor(state: DurableObjectState, env: FloorEnv) {
    super(state, env);
    this.#sql.exec(
      "CREATE TABLE IF NOT EXISTS run (kind TEXT, name TEXT, n INTEGER, done INTEGER DEFAULT 0)",
    );
    this.#sql.exec("CREATE TABLE IF NOT EXISTS step (id TEXT PRIMARY KEY, output TEXT)");
  }

  /** `waits`: answers when the run has ended. */
  async execute({ kind, name, n, waits }: Order): Promise<{ n: number }> {
    const { known } = this.#sql.exec<{ known: number }>("SELECT count(*) AS known FROM run").one();
    if (known === 0)
      this.#sql.exec("INSERT INTO run (kind, name, n) VALUES (?, ?, ?)", kind, name, n);
    await this.ctx.storage.setAlarm(Date.now() + alarmMs);
    this.#underWay ??= this.#carryOn();
    if (waits) await this.#underWay;
    else this.ctx.waitUntil(this.#underWay);
    return { n };
  }

  override async alarm(): Promise<void> {
    const [run] = this.#sql.exec("SELECT done FROM run").toArray();
    if (!run || run["done"] === 1) return;
    await this.ctx.storage.setAlarm(Date.now() + alarmMs);
    await (this.#underWay ??= this.#carryOn());
  }

  async #carryOn(): Promise<void> {
    const { kind, name, n } = this.#sql
      .exec<{ kind: string; name: string; n: number }>("SELECT kind, name, n FROM run")
      .one();
    if (kind === "ten") {
      for (let at = 1; at <= stepsOf.ten; at++) await this.#step(at, async () => n);
    } else if (kind === "fan") {
      const branches = Array.from({ length: stepsOf.fan }, (_, at) =>
        this.#step(at, async () => n),
      );
      await Promise.all(branches);
    } else {
      for (let at = 1; at <= stepsOf.effects; at++) await this.#step(at, () => this.#act(name, at));
    }
    this.#sql.exec("UPDATE run SET done = 1");
    await this.ctx.storage.deleteAlarm();
  }

  async #step(at: number, work: () => Promise<unknown>): Promise<void> {
    if (this.#sql.exec("SELECT 1 FROM step WHERE id = ?", `s${at}`).toArray().length > 0) return;
    const output = JSON.stringify(await work());
    this.#sql.exec("INSERT INTO step (id, output) VALUES (?, ?)", `s${at}`, output);
  }

  async #act(name: string, at: number): Promise<unknown> {
    const response = await fetch(`http://${this.env.WITNESS}/${name}/s${at}`, { method: "PUT" });
    return response.json();
  }
}

/** `POST /<kind>/<run>` with `{ n }`: answers `{ output: { n } }`, as a rule when the run has ended. */
// eslint-disable-next-line import/no-default-export -- a Worker's entry
export default {
  async fetch(request: Request, env: FloorEnv): Promise<Response> {
    const [, kind = "", name = ""] = new URL(request.url).pathname.split("/");
    if (request.method !== "POST") return new Response("ready");
    const { n } = await request.json<{ n: number }>();
    const waits = request.headers.get("Prefer") !== "respond-async";
    const output = await env.RUN.getByName(name).execute({ kind, name, n, waits });
    return Response.json({ output });
  },
};
