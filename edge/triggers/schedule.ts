import { DurableObject } from "cloudflare:workers";
import { attempt, type Outcome } from "#blueprints/outcome";
import type { Env } from "#edge/env";
import { startRun } from "#edge/workflow/start";
import { requestRun, runIdOf } from "./live-workflow.ts";
import { nextDue, type ScheduleSpec } from "./schedule-spec.ts";

/** Stored under the key `plan`. */
interface Plan {
  readonly spec: ScheduleSpec;
  readonly dueAt: number;
  /** Failed starts of this due time. */
  readonly failures: number;
}

/** Milliseconds between tries to start a run that is due, and how often. */
const retry = { delayMs: 30_000, attempts: 10 } as const;

/**
 * One schedule. Its alarm is the next due time, so it fires after a restart too. The run id comes
 * from schedule and due time: a tick that fires twice starts one run. When the platform was down,
 * the missed time is started once on its return, later ones that were missed as well are skipped.
 */
export class Schedule extends DurableObject<Env> {
  /** Replaces what was configured. Repeating the same changes nothing. */
  configure(spec: ScheduleSpec): Promise<Outcome<{ next?: number }>> {
    return attempt(async () => {
      const known = await this.ctx.storage.get<Plan>("plan");
      if (known && JSON.stringify(known.spec) === JSON.stringify(spec)) {
        return { next: known.dueAt };
      }
      return this.#plan(spec, Date.now());
    });
  }

  remove(): Promise<Outcome<void>> {
    return attempt(async () => {
      await this.ctx.storage.deleteAlarm();
      await this.ctx.storage.deleteAll();
    });
  }

  override async alarm(): Promise<void> {
    const plan = await this.ctx.storage.get<Plan>("plan");
    if (!plan) return;
    const now = Date.now();
    if (plan.dueAt > now) return this.ctx.storage.setAlarm(plan.dueAt);
    const started = await attempt(() => this.#start(plan));
    if (started.ok || plan.failures + 1 >= retry.attempts) {
      await this.#plan(plan.spec, now);
      return;
    }
    await this.ctx.storage.put<Plan>("plan", { ...plan, failures: plan.failures + 1 });
    await this.ctx.storage.setAlarm(now + retry.delayMs);
  }

  async #plan(spec: ScheduleSpec, after: number): Promise<{ next?: number }> {
    const dueAt = nextDue(spec, after);
    if (dueAt === undefined) {
      await this.ctx.storage.deleteAlarm();
      await this.ctx.storage.delete("plan");
      return {};
    }
    await Promise.all([
      this.ctx.storage.put<Plan>("plan", { spec, dueAt, failures: 0 }),
      this.ctx.storage.setAlarm(dueAt),
    ]);
    return { next: dueAt };
  }

  async #start({ spec, dueAt }: Plan): Promise<void> {
    const { workspaceId, name, workflow, input } = spec;
    const due = new Date(dueAt).toISOString();
    const request = await requestRun(this.env, {
      workspaceId,
      workflow,
      runId: await runIdOf("schedule", workspaceId, name, due),
      trigger: "schedule",
      input: input ?? { scheduled_for: due },
    });
    await startRun(this.env, request);
  }
}
