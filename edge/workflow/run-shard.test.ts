import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { place } from "#edge/gateway/gateway.fixture";
import type { RunRow } from "#edge/gateway/records";
import { runLimits } from "./limits.ts";
import { LiveRun } from "./live-run.ts";
import type { RunRequest } from "./run-api.ts";
import {
  changeHistory,
  env,
  historyOf,
  requestOf,
  set,
  stubOf,
  wake,
  wakeOf,
} from "./run.fixture.ts";
import { createRunId, isRunId, runIdOf, shardOf } from "./run-id.ts";
import { executeRun, runStub, startRun } from "./start.ts";

const start = { type: "trigger" };
const minute = 60_000;
let workspaces = 0;
const nextWorkspace = () => `wks_shard_${++workspaces}`;
const read = async (id: string) => unwrap(await runStub(env, id).inspect());
const inShardOf = <T>(id: string, work: (storage: DurableObjectStorage) => T) =>
  runInDurableObject(stubOf(id), (_, { storage }) => work(storage));

/** A run of one step, and one that waits for a person, in the same shard. */
async function neighbours(): Promise<[ends: RunRequest, waits: RunRequest]> {
  const workspaceId = (await place()).identity.id;
  const [one, two] = [createRunId(workspaceId, Date.now()), createRunId(workspaceId, Date.now())];
  expect(shardOf(one)).toBe(shardOf(two));
  const gate = { type: "human_review", config: { title: "Go on?" } };
  const waits = requestOf({ start, gate }, [["start", "gate"]], {
    id: two,
    mode: "live",
    workspaceId,
    baseUrl: "https://aerostack.test",
  });
  await startRun(env, waits);
  await expect.poll(async () => (await read(two)).status).toBe("waiting");
  return [requestOf({ start, one: set("one", 1) }, [["start", "one"]], { id: one }), waits];
}

/** Milliseconds until it is looked at again. */
const left = async (id: string) => ((await wakeOf(id)) ?? 0) - Date.now();
/** As if all of it had happened so long ago that it need not be kept any more. */
const old = (id: string) =>
  changeHistory(id, (events) =>
    events.map((event) => ({ ...event, at: event.at - runLimits.keptMs - minute })),
  );
const of = (workspace: string, key: string) => runIdOf("endpoint", workspace, "name", key);

describe("which object a run is in", () => {
  it("is shared by runs of a workspace and by no other's, for a thousand runs or an hour", () => {
    const [mine, yours] = [nextWorkspace(), nextWorkspace()];
    const now = Date.now();
    const ids = Array.from({ length: 2_001 }, () => createRunId(mine, now));
    expect(new Set(ids).size).toBe(2_001);
    expect(ids.every(isRunId)).toBe(true);
    const shards = [...new Set(ids.map(shardOf))];
    expect(shards).toHaveLength(3);
    expect(ids.filter((id) => shardOf(id) === shards[0])).toHaveLength(1_000);
    expect(shards).not.toContain(shardOf(createRunId(yours, now)));
    expect(shardOf(createRunId(mine, now + 59 * minute))).toBe(shards[2]);
    expect(shards).not.toContain(shardOf(createRunId(mine, now + 61 * minute)));
  });

  it("is the same whenever the same parts are asked for, one of 32, and beside the run they belong to", async () => {
    expect(await of("a", "1")).toBe(await of("a", "1"));
    const ids = await Promise.all(Array.from({ length: 300 }, (_, n) => of("a", String(n))));
    expect(new Set(ids).size).toBe(300);
    expect(ids.every(isRunId)).toBe(true);
    expect(new Set(ids.map(shardOf)).size).toBeLessThanOrEqual(32);
    expect(ids.map(shardOf)).not.toContain(shardOf(await of("b", "1")));
    const parent = createRunId("a", Date.now());
    expect(shardOf(await runIdOf("child", parent, "step"))).toBe(shardOf(parent));
  });

  it("is its own for an id of earlier releases", () => {
    const id = "run_01j00000000000000000000000";
    expect(isRunId(id)).toBe(true);
    expect(shardOf(id)).toBe(id);
    for (const other of [`${id}0`, `${id}000000000000`, "run_", `${id}-123456789`]) {
      expect(isRunId(other)).toBe(false);
    }
  });
});

describe("runs in one object", () => {
  it("have histories of their own, and end one without the other", async () => {
    const [ends, waits] = await neighbours();
    expect((await executeRun(env, ends, 5_000)).output).toMatchObject({ value: 1 });
    expect((await read(waits.id)).status).toBe("waiting");
    expect((await historyOf(ends.id)).some(({ step }) => step === "gate")).toBe(false);
    unwrap(await runStub(env, waits.id).cancel("enough"));
    expect((await read(ends.id)).status).toBe("succeeded");
  });

  it("are not held in memory while nothing is under way", async () => {
    const [ends, waits] = await neighbours();
    await executeRun(env, ends, 5_000);
    for (const { id } of [ends, waits]) {
      await expect
        .poll(async () => {
          await changeHistory(id, (events) => events.map((event) => ({ ...event, at: 1_000 })));
          return (await read(id)).startedAt;
        })
        .toBe(1_000);
    }
  });

  it("are not held either when a step answers after the end", async () => {
    const advance = vi.spyOn(LiveRun.prototype, "advance");
    const code = "export default () => scheduler.wait(100);";
    const run = requestOf({ start, slow: { type: "code_block", config: { code } } }, [
      ["start", "slow"],
    ]);
    await startRun(env, run);
    unwrap(await runStub(env, run.id).cancel("enough"));
    const cancelled = advance.mock.contexts.length;
    await expect.poll(() => advance.mock.contexts.length).toBeGreaterThan(cancelled);
    advance.mockRestore();
    await changeHistory(run.id, (events) => events.map((event) => ({ ...event, at: 1_000 })));
    expect((await read(run.id)).startedAt).toBe(1_000);
  });

  it("are deleted one by one, the last one with the database", async () => {
    const [ends, waits] = await neighbours();
    await executeRun(env, ends, 5_000);
    await old(ends.id);
    await abortAllDurableObjects();
    await wake(ends.id);
    expect(await runStub(env, ends.id).inspect()).toMatchObject({
      error: { code: "run.not-found" },
    });
    expect((await read(waits.id)).status).toBe("waiting");
    unwrap(await runStub(env, waits.id).cancel("enough"));
    await old(waits.id);
    await abortAllDurableObjects();
    await wake(waits.id);
    const tables = await inShardOf(waits.id, ({ sql }) =>
      sql.exec("SELECT name FROM sqlite_master WHERE name = 'history'").toArray(),
    );
    expect(tables).toEqual([]);
    expect(await inShardOf(waits.id, (storage) => storage.getAlarm())).toBeNull();
    // And the object can be used again.
    expect((await executeRun(env, ends, 5_000)).status).toBe("succeeded");
  });

  it("share one alarm, for the first of them, also when another one begins in a new life", async () => {
    const [ends] = await neighbours();
    await abortAllDurableObjects();
    const soon = Date.now() + runLimits.firstHeartbeatMs - 100;
    await inShardOf(ends.id, async (storage) => {
      storage.sql.exec("INSERT INTO wakes (run, at) VALUES ('run_other', ?)", soon);
      await storage.setAlarm(soon);
    });
    await abortAllDurableObjects();
    await startRun(env, ends);
    const { alarm, isOver } = await inShardOf(ends.id, async (storage) => ({
      alarm: (await storage.getAlarm()) ?? 0,
      isOver:
        storage.sql.exec("SELECT 1 FROM wakes WHERE run = 'run_other'").toArray().length === 0,
    }));
    // On a slow machine its time may have come meanwhile.
    expect(isOver || alarm <= soon).toBe(true);
  });

  it("are woken though one of them cannot be read; that one is tried again a minute later", async () => {
    const [ends, waits] = await neighbours();
    await executeRun(env, ends, 5_000);
    await changeHistory(ends.id, () => [{ type: "nonsense" }]);
    await abortAllDurableObjects();
    await inShardOf(ends.id, async (storage) => {
      storage.sql.exec("UPDATE wakes SET at = CASE run WHEN ? THEN 1 ELSE 2 END", ends.id);
      await storage.setAlarm(Date.now() + minute);
    });
    expect(await runDurableObjectAlarm(stubOf(ends.id))).toBe(true);
    expect(await left(ends.id)).toBeGreaterThan(50_000);
    expect(await left(ends.id)).toBeLessThanOrEqual(minute);
    expect(await left(waits.id)).toBeLessThanOrEqual(runLimits.reportMs);
    expect((await inShardOf(ends.id, (storage) => storage.getAlarm())) ?? 0).toBeGreaterThan(0);
  });
});

it("a run that ends while its workspace hears that it waits is told once more, though all die then", async () => {
  const where = await place();
  const gate = { type: "human_review", config: { title: "Go on?" } };
  const run = requestOf({ start, gate }, [["start", "gate"]], {
    mode: "live",
    workspaceId: where.identity.id,
    baseUrl: "https://aerostack.test",
  });
  const prototype = await runInDurableObject(
    env.WORKSPACE.getByName(where.identity.id),
    (workspace) => Object.getPrototypeOf(workspace) as { recordRuns: unknown },
  );
  const { recordRuns } = prototype;
  const told: string[] = [];
  const heard = Promise.withResolvers<void>();
  prototype.recordRuns = async (rows: readonly RunRow[]) => {
    told.push(...rows.filter(({ id }) => id === run.id).map(({ status }) => status));
    if (told.join() !== "waiting") throw new Error("The workspace is down.");
    await heard.promise;
    return { ok: true, value: { isTraced: false } };
  };
  try {
    await startRun(env, run);
    await expect.poll(() => told).toEqual(["waiting"]);
    unwrap(await runStub(env, run.id).cancel("enough"));
    heard.resolve();
    await expect.poll(() => told).toEqual(["waiting", "cancelled"]);
    await abortAllDurableObjects();
    expect(await left(run.id)).toBeLessThanOrEqual(runLimits.heartbeatMs);
  } finally {
    prototype.recordRuns = recordRuns;
  }
  await wake(run.id);
  expect(unwrap(await where.stub.listRuns({}))).toMatchObject([{ status: "cancelled" }]);
});

it("a run of an earlier release, alone in its object, goes on", async () => {
  const run = requestOf({ start, one: set("one", 1), two: set("two", 2) }, [
    ["start", "one"],
    ["one", "two"],
  ]);
  const at = Date.now();
  const events = [
    { type: "run-started", at },
    { type: "step-started", at, step: "start", attempt: 1, effect: "pure", input: {} },
  ];
  await inShardOf(run.id, async (storage) => {
    storage.sql.exec(`CREATE TABLE events (seq INTEGER NOT NULL, part INTEGER NOT NULL,
      body TEXT NOT NULL, PRIMARY KEY (seq, part)) WITHOUT ROWID`);
    const rows = [JSON.stringify(run), JSON.stringify(events)];
    rows.forEach((body, index) => {
      storage.sql.exec("INSERT INTO events VALUES (?, 0, ?)", index * events.length, body);
    });
    await storage.setAlarm(Date.now() + minute);
  });
  await abortAllDurableObjects();
  expect(await runDurableObjectAlarm(stubOf(run.id))).toBe(true);
  expect(unwrap(await runStub(env, run.id).result(5_000)).output).toMatchObject({ value: 2 });
  const tables = await inShardOf(run.id, ({ sql }) =>
    sql.exec("SELECT name FROM sqlite_master WHERE name = 'events'").toArray(),
  );
  expect(tables).toEqual([]);
});
