import { DurableObject } from "cloudflare:workers";
import { attempt, type Outcome, unwrap } from "#blueprints/outcome";
import type { Env } from "#edge/env";
import { runIdOf } from "#edge/workflow/run-id";
import { runStub, startRun } from "#edge/workflow/start";
import { requestRun } from "./live-workflow.ts";
import { type SchedulePlan, stepSchedule } from "./schedule-plan.ts";
import { nextDue, type ScheduleSpec } from "./schedule-spec.ts";

/** Milliseconds between tries to start a run that is due, and how often. */
const retry = { delayMs: 30_000, attempts: 10 } as const;

/**
 * One schedule; its plan is stored under the key `plan`. The alarm is the next due time, so it fires
 * after a restart too. The run id comes from schedule and due time: a tick that fires twice starts
 * one run. What a missed time and a run that is not over mean is decided in `schedule-plan.ts`.
 */
export class Schedule extends DurableObject<Env> {
  /** Replaces what was configured. Repeating the same changes nothing. */
  configure(spec: ScheduleSpec): Promise<Outcome<{ next?: number }>> {
    return attempt(async () => {
      const known = await this.ctx.storage.get<SchedulePlan>("plan");
      if (known && JSON.stringify(known.spec) === JSON.stringify(spec)) {
        return { next: known.dueAt };
      }
      const dueAt = nextDue(spec, Date.now());
      const { lastRun } = known ?? {};
      return this.#keep({ spec, failures: 0, ...(lastRun ? { lastRun } : {}) }, dueAt, dueAt);
    });
  }

  remove(): Promise<Outcome<void>> {
    return attempt(async () => {
      await this.ctx.storage.deleteAlarm();
      await this.ctx.storage.deleteAll();
    });
  }

  override async alarm(): Promise<void> {
    const plan = await this.ctx.storage.get<SchedulePlan>("plan");
    if (!plan) return;
    const now = Date.now();
    if (plan.dueAt > now) return this.ctx.storage.setAlarm(plan.dueAt);
    const done = await attempt(() => this.#due(plan, now));
    if (done.ok) return;
    const failures = plan.failures + 1;
    // A time that cannot be started is given up in favour of the next one.
    if (failures < retry.attempts) {
      await this.#keep({ ...plan, failures }, plan.dueAt, now + retry.delayMs);
    } else {
      const next = nextDue(plan.spec, now);
      await this.#keep({ ...plan, failures: 0 }, next, next);
    }
  }

  async #due(plan: SchedulePlan, now: number): Promise<void> {
    const asksBefore = (plan.spec.overlap ?? "allow") !== "allow";
    const isBusy = asksBefore && (await this.#isUnderWay(plan.lastRun));
    const { cancels, starts, dueAt, caughtUp, alarmAt } = stepSchedule(plan, now, isBusy);
    if (cancels && plan.lastRun) {
      unwrap(await runStub(this.env, plan.lastRun).cancel("The schedule started the next run."));
    }
    const lastRun = starts ? await this.#start(plan) : plan.lastRun;
    const kept = { spec: plan.spec, failures: 0, caughtUp, ...(lastRun ? { lastRun } : {}) };
    await this.#keep(kept, dueAt, alarmAt);
  }

  /** Plan and alarm change together. */
  async #keep(
    plan: Omit<SchedulePlan, "dueAt">,
    dueAt: number | undefined,
    alarmAt: number | undefined,
  ): Promise<{ next?: number }> {
    const { storage } = this.ctx;
    if (dueAt === undefined || alarmAt === undefined) {
      await Promise.all([storage.deleteAlarm(), storage.delete("plan")]);
      return {};
    }
    await Promise.all([
      storage.put<SchedulePlan>("plan", { ...plan, dueAt }),
      storage.setAlarm(alarmAt),
    ]);
    return { next: dueAt };
  }

  /** A run whose object has forgotten it has ended long ago. */
  async #isUnderWay(id: string | undefined): Promise<boolean> {
    if (id === undefined) return false;
    const result = await runStub(this.env, id).result(0);
    if (!result.ok && result.error.code === "run.not-found") return false;
    const { status } = unwrap(result);
    return status === "running" || status === "waiting";
  }

  async #start({ spec, dueAt }: SchedulePlan): Promise<string> {
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
    return request.id;
  }
}
