import type { Env } from "#edge/env";
import type { RunRow } from "#edge/gateway/records";
import { workspaceStub } from "#edge/gateway/stub";

type Told = ReturnType<ReturnType<typeof workspaceStub>["recordRuns"]>;

/** What the runs of one shard tell their workspace: while it is being told, the next ones gather. */
export class Reports {
  readonly #env: Env;
  /** By workspace and run: not sent yet. */
  readonly #next = new Map<string, { readonly rows: Map<string, RunRow>; readonly told: Told }>();
  #underWay: Promise<unknown> = Promise.resolve();

  constructor(env: Env) {
    this.#env = env;
  }

  /** Resolves when the report is stored. @throws where the workspace could not be asked */
  tell(workspaceId: string, row: RunRow): Told {
    const next = this.#next.get(workspaceId);
    if (next) {
      next.rows.set(row.id, row);
      return next.told;
    }
    const rows = new Map([[row.id, row]]);
    const told = this.#underWay.then(() => {
      this.#next.delete(workspaceId);
      return workspaceStub(this.#env, workspaceId).recordRuns([...rows.values()]);
    });
    this.#next.set(workspaceId, { rows, told });
    this.#underWay = told.catch(() => undefined);
    return told;
  }
}
