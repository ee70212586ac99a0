import { UpstreamError } from "#blueprints/error";
import { Deadlines } from "#edge/deadlines";
import type { Env } from "#edge/env";
import type { RunRow } from "#edge/gateway/records";
import { workspaceStub } from "#edge/gateway/stub";

type Told = ReturnType<ReturnType<typeof workspaceStub>["recordRuns"]>;

/** Milliseconds that a workspace may take. */
const longestMs = 30_000;

/** What the runs of one shard tell their workspace: while it is being told, the next ones gather. */
export class Reports {
  readonly #env: Env;
  readonly #longestMs: number;
  readonly #deadlines = new Deadlines(Date.now);
  /** By workspace and run: not sent yet. */
  readonly #next = new Map<string, { readonly rows: Map<string, RunRow>; readonly told: Told }>();
  #underWay: Promise<unknown> = Promise.resolve();

  constructor(env: Env, longest = longestMs) {
    this.#env = env;
    this.#longestMs = longest;
  }

  /** Resolves when the report is stored. @throws where the workspace could not be asked, or is silent */
  tell(workspaceId: string, row: RunRow): Told {
    const next = this.#next.get(workspaceId);
    if (next) {
      next.rows.set(row.id, row);
      return next.told;
    }
    const rows = new Map([[row.id, row]]);
    const told = this.#underWay.then(() => {
      this.#next.delete(workspaceId);
      return this.#send(workspaceId, [...rows.values()]);
    });
    this.#next.set(workspaceId, { rows, told });
    this.#underWay = told.catch(() => undefined);
    return told;
  }

  /** One that never answers must not silence all that comes after. */
  #send(workspaceId: string, rows: readonly RunRow[]): Told {
    const silent = Promise.withResolvers<never>();
    const done = this.#deadlines.after(this.#longestMs, () => {
      const error = new UpstreamError("workspace.silent", "The workspace does not answer.");
      silent.reject(error);
    });
    const told = workspaceStub(this.#env, workspaceId).recordRuns(rows);
    return Promise.race([told, silent.promise]).finally(() => {
      done();
      this.#deadlines.rest();
    });
  }
}
