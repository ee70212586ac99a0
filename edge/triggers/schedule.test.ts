import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env as testEnv } from "cloudflare:workers";
import { expect, it } from "vitest";
import { unwrap } from "#blueprints/outcome";
import type { Env } from "#edge/env";
import type { Place } from "#edge/gateway/gateway.fixture";
import type { LiveItem } from "#edge/gateway/workspace-api";
import { configureSchedules } from "./configure.ts";
import { nextDue } from "./schedule-spec.ts";
import { livePlace } from "./triggers.fixture.ts";

const env = testEnv as unknown as Env;

function hourly(cron = "0 * * * *"): LiveItem {
  const definition = { workflow: "doubling", cron, timezone: "UTC", input: { n: 5 } };
  return { kind: "schedule", name: "hourly", version: 1, definition };
}

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
