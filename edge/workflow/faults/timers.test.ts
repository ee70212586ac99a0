import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { place } from "#edge/gateway/gateway.fixture";
import { minute, playClocked } from "#edge/workflow/clocked.fixture";
import { runLimits } from "#edge/workflow/limits";
import { env, historyOf, requestOf, set, wake, wakeOf } from "#edge/workflow/run.fixture";
import { runStub, startRun } from "#edge/workflow/start";

const start = { type: "trigger" };
const hour = 60 * minute;
const review = (minutes: number) => ({
  type: "human_review",
  config: { title: "Go on?", timeout_minutes: minutes },
});

describe("the one alarm of a run", () => {
  it("fault 7: is for the earliest of all timers, and the end of one loses no other", async () => {
    const run = requestOf(
      {
        start,
        fan: { type: "parallel", config: { branches: ["a", "b", "c"] } },
        first: review(10),
        second: review(30),
        busy: {
          type: "action",
          config: { method: "PUT", url: "https://busy.test/" },
          retry: { attempts: 2, delay_ms: 20 * minute, max_delay_ms: 20 * minute },
        },
      },
      [
        ["start", "fan"],
        ["fan", "first", "a"],
        ["fan", "second", "b"],
        ["fan", "busy", "c"],
      ],
      { mode: "live" },
    );
    await playClocked(
      run,
      async (table) => {
        const begun = table.now;
        const inMinutes = () => Math.round(((table.run.nextTimer ?? 0) - begun) / minute);
        expect(table.step("fan[c]/busy")?.status).toBe("waiting");
        // Half of the delay is jitter, and the clock's random number is 0.
        expect(inMinutes()).toBe(10);
        const by = { kind: "account", name: "acme" } as const;
        table.run.receive({
          step: "fan[a]/first",
          name: undefined,
          payload: { decision: "approved" },
          by,
        });
        await table.settled();
        expect(inMinutes()).toBe(10);
        table.respond = () => Response.json({});
        await table.pass(10 * minute);
        expect(table.step("fan[c]/busy")?.status).toBe("succeeded");
        await table.restart();
        expect(inMinutes()).toBe(30);
        await table.pass(20 * minute);
        expect(table.step("fan[b]/second")?.port).toBe("timeout");
        expect(table.run.state.status).toBe("succeeded");
      },
      () => new Response("", { status: 503 }),
    );
  });

  it("fault 6: a timer that was due while nobody was there fires once, however often the alarm comes", async () => {
    const run = requestOf({ start, gate: review(10) }, [["start", "gate"]], { mode: "live" });
    await playClocked(run, async (table) => {
      table.now += hour;
      await table.restart();
      await Promise.all([table.pass(0), table.pass(0)]);
      table.run.fireTimers();
      await table.settled();
      expect(table.step("gate")).toMatchObject({ port: "timeout", status: "succeeded" });
    });
    const fired = (await historyOf(run.id)).filter(({ type }) => type === "timer-fired");
    expect(fired).toHaveLength(1);
  });

  it("fault 24: comes again and again while a step is under way, without anybody asking", async () => {
    const run = requestOf(
      {
        start,
        slow: {
          type: "code_block",
          config: { code: "export default () => scheduler.wait(20_000);" },
        },
      },
      [["start", "slow"]],
    );
    await startRun(env, run);
    const { firstHeartbeatMs, heartbeatMs } = runLimits;
    const left = async () => ((await wakeOf(run.id)) ?? Infinity) - Date.now();
    // Soon at first: who has just begun must not wait long after a kill.
    for (const most of [1, 2, 2, 2].map((times) => times * firstHeartbeatMs)) {
      expect(await left()).toBeLessThanOrEqual(most);
      expect(await wake(run.id)).toBe(true);
    }
    expect(await left()).toBeGreaterThan(heartbeatMs / 2);
    unwrap(await runStub(env, run.id).cancel("enough"));
  });

  it("is not for the end of a run's time while a step is under way, which ends it then", async () => {
    const answer = Promise.withResolvers<Response>();
    const act = { type: "action", config: { method: "PUT", url: "https://slow.test/" } };
    const run = requestOf(
      { start, gate: review(60), act },
      [
        ["start", "gate"],
        ["gate", "act", "timeout"],
      ],
      { mode: "live", lastsMs: 2 * hour },
    );
    await playClocked(
      run,
      async (table) => {
        table.now += hour;
        table.run.fireTimers();
        await expect.poll(() => table.step("act")?.status).toBe("running");
        table.now += 2 * hour;
        table.run.fireTimers();
        // Else it would come again and again, at once.
        expect(table.run.nextTimer).toBeUndefined();
        answer.resolve(Response.json({}));
        await table.settled();
        expect(table.run.state).toMatchObject({ status: "succeeded" });
      },
      () => answer.promise,
    );
  });

  it("fault 5: what fails in it is tried again by an alarm of the run's own", async () => {
    const where = await place();
    const { prototype } = await runInDurableObject(
      env.WORKSPACE.getByName(where.identity.id),
      (workspace) => ({
        prototype: Object.getPrototypeOf(workspace) as { recordRuns: unknown },
      }),
    );
    const { recordRuns } = prototype;
    const run = requestOf({ start, keep: set("n", 1) }, [["start", "keep"]], {
      mode: "live",
      workspaceId: where.identity.id,
    });
    try {
      prototype.recordRuns = () => Promise.reject(new Error("The workspace is down."));
      await startRun(env, run);
      expect(await wake(run.id)).toBe(true);
      const left = ((await wakeOf(run.id)) ?? Infinity) - Date.now();
      expect(left).toBeLessThanOrEqual(runLimits.reportMs);
      // It is read back each time: not more often than needed.
      expect(left).toBeGreaterThan(runLimits.reportMs / 2);
    } finally {
      prototype.recordRuns = recordRuns;
    }
    expect(unwrap(await where.stub.listRuns({}))).toEqual([]);
    await wake(run.id);
    expect(unwrap(await where.stub.listRuns({}))).toMatchObject([
      { id: run.id, status: "succeeded" },
    ]);
  });

  it("a wait that its workspace has not heard of is told by an alarm, long before it ends", async () => {
    const where = await place();
    const run = requestOf({ start, gate: review(600) }, [["start", "gate"]], {
      mode: "live",
      workspaceId: where.identity.id,
      baseUrl: "https://aerostack.test",
    });
    await startRun(env, run);
    await expect
      .poll(async () => unwrap(await where.stub.listRuns({})))
      .toMatchObject([{ id: run.id, status: "waiting" }]);
    const left = async () => ((await wakeOf(run.id)) ?? 0) - Date.now();
    await expect.poll(left).toBeGreaterThan(500 * minute);
  });
});

describe("a clock that is set back", () => {
  it("fault 8: ends no wait early, makes no negative time, and revives nothing that is over", async () => {
    const run = requestOf(
      { start, gate: review(60), after: review(60) },
      [
        ["start", "gate"],
        ["gate", "after", "timeout"],
      ],
      { mode: "live" },
    );
    await playClocked(run, async (table) => {
      await table.pass(-30 * minute);
      await table.pass(89 * minute);
      expect(table.step("gate")?.status).toBe("waiting");
      await table.pass(minute);
      expect(table.step("gate")?.port).toBe("timeout");
      table.now -= 5 * hour;
      await table.restart();
      const late = { step: "gate", name: "decision", payload: { decision: "approved" } };
      expect(() => table.run.receive(late)).toThrow(
        expect.objectContaining({ code: "signal.expired" }),
      );
      const by = { kind: "account", name: "acme" } as const;
      table.run.receive({ step: "after", name: undefined, payload: { decision: "approved" }, by });
      await table.settled();
      expect(table.run.state.status).toBe("succeeded");
      expect(table.step("after")?.durationMs).toBeGreaterThanOrEqual(0);
    });
    const times = (await historyOf(run.id)).map((event) => (event as unknown as { at: number }).at);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
  });
});
