import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env as testEnv } from "cloudflare:workers";
import { expect, it } from "vitest";
import { workflowSchema } from "#blueprints/blueprint";
import { unwrap } from "#blueprints/outcome";
import type { Env } from "#edge/env";
import type { Place } from "#edge/gateway/gateway.fixture";
import type { LiveItem, LiveSchedule } from "#edge/gateway/live-items";
import { runStub } from "#edge/workflow/start";
import { configureSchedules } from "./configure.ts";
import { type SchedulePlan, scheduleLimits, stepSchedule } from "./schedule-plan.ts";
import { nextDue } from "./schedule-spec.ts";
import { livePlace } from "./triggers.fixture.ts";

const env = testEnv as unknown as Env;

function hourly(cron = "0 * * * *", more: Partial<LiveSchedule> = {}): LiveItem {
  const definition = { workflow: "doubling", cron, timezone: "UTC", input: { n: 5 }, ...more };
  return { kind: "schedule", name: "hourly", version: 1, definition };
}

/** Its only effect fails and is tried again in an hour: a run that is under way meanwhile. */
const lasting: LiveItem = {
  kind: "workflow",
  name: "lasting",
  version: 1,
  definition: {
    workflow: workflowSchema.parse({
      name: "lasting",
      nodes: [
        { id: "start", type: "trigger", config: { source: "schedule" } },
        {
          id: "read",
          type: "action",
          config: { url: "http://127.0.0.1:8/" },
          retry: { attempts: 20, delay_ms: 3_600_000, max_delay_ms: 3_600_000 },
        },
      ],
      edges: [{ from: "start", to: "read" }],
    }),
    functions: {},
    egress: ["127.0.0.1:8"],
    secrets: [],
  },
};

const stubOf = (where: Place) => env.SCHEDULE.getByName(`${where.identity.id}/hourly`);

/** Lets the due time come: the plan says it was a minute ago. */
async function makeDue(where: Place, dueAt: number): Promise<void> {
  await runInDurableObject(stubOf(where), async (_, { storage }) => {
    const plan = await storage.get<{ spec: object }>("plan");
    await storage.put("plan", { ...plan, dueAt });
    await storage.setAlarm(Date.now() + 60_000);
  });
  await runDurableObjectAlarm(stubOf(where));
}

it("starts a run at the due time, once even when the tick comes twice, and plans the next", async () => {
  const where = await livePlace();
  await configureSchedules(env, where.identity.id, [hourly()]);
  const dueAt = Date.now() - 60_000;
  await makeDue(where, dueAt);
  await makeDue(where, dueAt);
  await expect
    .poll(async () => unwrap(await where.stub.listRuns({})))
    .toMatchObject([{ trigger: "schedule", workflow: "doubling", status: "succeeded" }]);
  const next = await runInDurableObject(stubOf(where), (_, { storage }) => storage.getAlarm());
  expect(new Date(next ?? 0).getUTCMinutes()).toBe(0);
  expect(next).toBeGreaterThan(Date.now());
});

it("is silent after it was removed", async () => {
  const where = await livePlace();
  await configureSchedules(env, where.identity.id, [hourly()]);
  await configureSchedules(env, where.identity.id, [hourly()], { stop: true });
  expect(await runDurableObjectAlarm(stubOf(where))).toBe(false);
});

it("refuses what is not a schedule before anything changes", async () => {
  const where = await livePlace();
  const items = [hourly(), { ...hourly("61 * * * *"), name: "bad" }];
  await expect(configureSchedules(env, where.identity.id, items)).rejects.toMatchObject({
    code: "schedule.bad-cron",
  });
  expect(await runDurableObjectAlarm(stubOf(where))).toBe(false);
});

it.each([
  // Skipped hour: 02:30 does not exist on 29 March 2026 in Vienna.
  ["30 2 * * *", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00.000Z"],
  // Repeated hour: 02:30 comes twice on 25 October 2026, due once.
  ["30 2 * * *", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00.000Z"],
  ["0 9 * * 1", "2026-11-22T12:00:00Z", "2026-11-23T08:00:00.000Z"],
])("%s in Vienna after %s is due at %s", (cron, after, due) => {
  const next = nextDue({ cron, timezone: "Europe/Vienna" }, Date.parse(after));
  expect(new Date(next ?? 0).toISOString()).toBe(due);
});

const hour = 3_600_000;
const noon = Date.parse("2026-11-26T12:00:00Z");

function planned(more: Partial<SchedulePlan["spec"]>, dueAt = noon): SchedulePlan {
  const spec = { workspaceId: "ws", name: "hourly", workflow: "w", cron: "0 * * * *" };
  return { spec: { ...spec, timezone: "UTC", ...more }, dueAt, failures: 0 };
}

it("a start within a minute of its time is not a missed one", () => {
  const step = stepSchedule(planned({ missed: "skip" }), noon + scheduleLimits.grace, false);
  expect(step).toMatchObject({ starts: true, dueAt: noon + hour });
});

it.each([
  ["once", true, noon + 6 * hour],
  ["skip", false, noon + 6 * hour],
  ["all", true, noon + hour],
] as const)("missed: %s, after five hours without power", (missed, starts, dueAt) => {
  const step = stepSchedule(planned({ missed }), noon + 5 * hour + 120_000, false);
  expect(step).toMatchObject({ starts, dueAt, alarmAt: dueAt });
});

it("catching up ends at its limit and goes on with the present", () => {
  const now = noon + 1000 * hour + 120_000;
  let plan = planned({ missed: "all" });
  let starts = 0;
  while (plan.dueAt <= now) {
    const step = stepSchedule(plan, now, false);
    if (step.starts) starts++;
    plan = { ...plan, dueAt: step.dueAt ?? 0, caughtUp: step.caughtUp };
  }
  // The last one brings the plan back to the present, as `once` does.
  expect(starts).toBe(scheduleLimits.caughtUp + 1);
  expect(plan).toMatchObject({ dueAt: noon + 1001 * hour, caughtUp: 0 });
});

it.each([
  ["allow", { starts: true, cancels: false, dueAt: noon + hour }],
  ["skip", { starts: false, cancels: false, dueAt: noon + hour }],
  ["replace", { starts: true, cancels: true, dueAt: noon + hour }],
  ["queue", { starts: false, cancels: false, dueAt: noon, alarmAt: noon + scheduleLimits.poll }],
] as const)("overlap: %s, when the run before is not over", (overlap, expected) => {
  expect(stepSchedule(planned({ overlap }), noon, true)).toMatchObject(expected);
});

it.each([
  ["allow", ["running", "running"]],
  ["skip", ["running"]],
  ["queue", ["running"]],
  ["replace", ["cancelled", "running"]],
] as const)("overlap: %s, with real runs", async (overlap, statuses) => {
  const where = await livePlace();
  unwrap(await where.stub.putLive([lasting]));
  const item = hourly("0 * * * *", { workflow: "lasting", overlap });
  await configureSchedules(env, where.identity.id, [item]);
  const runs = new Set<string>();
  for (const ago of [30_000, 20_000]) {
    await makeDue(where, Date.now() - ago);
    runs.add(await lastRunOf(where));
  }
  const results = await Promise.all([...runs].map((id) => runStub(env, id).result(0)));
  expect(results.map((result) => unwrap(result).status)).toEqual(statuses);
});

async function lastRunOf(where: Place): Promise<string> {
  const plan = await runInDurableObject(stubOf(where), (_, { storage }) =>
    storage.get<SchedulePlan>("plan"),
  );
  return plan?.lastRun ?? "none";
}
