import { abortAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { createId } from "#edge/id";
import { runLimits } from "#edge/workflow/limits";
import { executeRun, runStub, startRun } from "#edge/workflow/start";
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

const start = { type: "trigger" };
const code = (body: string) => ({ type: "code_block", config: { code: body } });
describe("a run", () => {
  it("hands outputs on and answers with the output template", async () => {
    const run = requestOf(
      {
        start,
        double: set("twice", "{{ input.n * 2 }}"),
        more: set("more", "{{ vars.twice + 1 }}"),
      },
      [
        ["start", "double"],
        ["double", "more"],
      ],
      { input: { n: 20 }, output: { answer: "{{ steps.more.output.value }}" } },
    );
    const result = await executeRun(env, run, 5_000);
    expect(result).toMatchObject({ status: "succeeded", output: { answer: 41 } });
  });

  it("takes one way and skips the others", async () => {
    const run = requestOf(
      {
        start,
        decide: { type: "logic", config: { cases: [{ port: "big", when: "input.n > 10" }] } },
        big: set("size", "big"),
        small: set("size", "small"),
        after: set("seen", "{{ vars.size }}"),
      },
      [
        ["start", "decide"],
        ["decide", "big", "big"],
        ["decide", "small", "else"],
        ["big", "after"],
        ["small", "after"],
      ],
      { input: { n: 3 } },
    );
    expect(await executeRun(env, run, 5_000)).toMatchObject({ output: { value: "small" } });
    const trace = unwrap(await runStub(env, run.id).inspect());
    expect(trace.steps.map(({ id }) => id)).toEqual(["start", "decide", "small", "after"]);
  });

  it("joins after all branches that were taken", async () => {
    const run = requestOf(
      {
        start,
        slow: code("export default async () => { await scheduler.wait(50); return 'slow'; };"),
        fast: code("export default () => 'fast';"),
        join: set("both", "{{ steps.slow.output + steps.fast.output }}"),
      },
      [
        ["start", "slow"],
        ["start", "fast"],
        ["slow", "join"],
        ["fast", "join"],
      ],
    );
    expect(await executeRun(env, run, 10_000)).toMatchObject({ output: { value: "slowfast" } });
  });

  it("is started once, however often it is asked for", async () => {
    const run = requestOf({ start, one: set("one", 1) }, [["start", "one"]]);
    await Promise.all([startRun(env, run), startRun(env, run), startRun(env, run)]);
    expect(await executeRun(env, run, 5_000)).toMatchObject({ status: "succeeded" });
    expect(count(await historyOf(run.id), "run-started")).toBe(1);
  });

  it("refuses the same id for another request", async () => {
    const run = requestOf({ start }, [], { fingerprint: "a" });
    await startRun(env, run);
    await expect(startRun(env, { ...run, fingerprint: "b" })).rejects.toMatchObject({
      code: "run.other-request",
      status: 422,
    });
  });
});

describe("waiting and trying again", () => {
  it("tries again after a rate limit, not before Retry-After, and survives a restart meanwhile", async () => {
    const run = requestOf(
      { start, send: post("https://a.test/1", { retry: { attempts: 2, delay_ms: 60_000 } }) },
      [["start", "send"]],
      { stubs: [{ match: "a.test", status: 429 }] },
    );
    await startRun(env, run);
    await expect
      .poll(async () => unwrap(await runStub(env, run.id).inspect()).steps[1]?.status)
      .toBe("waiting");
    await abortAllDurableObjects();
    const before = await historyOf(run.id);
    const failed = before.find(({ type }) => type === "step-failed") as unknown as {
      at: number;
      until: number;
    };
    expect(failed.until - failed.at).toBeGreaterThanOrEqual(30_000);
    await changeHistory(run.id, (events) =>
      events.map((event) =>
        event.type === "step-failed" ? { ...event, until: Date.now() } : event,
      ),
    );
    await abortAllDurableObjects();
    await wake(run.id);
    const result = unwrap(await runStub(env, run.id).result(5_000));
    expect(result).toMatchObject({
      status: "failed",
      error: { code: "http.rate-limited", step: "send" },
    });
    const events = await historyOf(run.id);
    expect(count(events, "step-started", "send")).toBe(2);
    expect(count(events, "run-recovered")).toBe(0);
  });

  it("a cancelled run starts nothing more and discards late results", async () => {
    const slow = code("export default async () => { await scheduler.wait(2000); return 1; };");
    const run = requestOf({ start, slow, next: set("next", 1) }, [
      ["start", "slow"],
      ["slow", "next"],
    ]);
    await startRun(env, run);
    const stub = runStub(env, run.id);
    unwrap(await stub.cancel("enough"));
    unwrap(await stub.cancel("twice"));
    expect(unwrap(await stub.result(5_000)).status).toBe("cancelled");
    expect(await stub.signal("slow", "late", {})).toMatchObject({ error: { code: "run.ended" } });
    expect(await stub.signal("nowhere", "x", {})).toMatchObject({
      error: { code: "signal.unknown-step" },
    });
    const events = await historyOf(run.id);
    expect(count(events, "run-cancelled")).toBe(1);
    expect(count(events, "signal-received")).toBe(0);
    expect(count(events, "step-started", "next")).toBe(0);
  });
});

describe("limits", () => {
  it("deletes itself when it was kept long enough, not before", async () => {
    const run = requestOf({ start }, []);
    await executeRun(env, run, 5_000);
    const alarm = () => runInDurableObject(stubOf(run.id), (_, { storage }) => storage.getAlarm());
    const endsIn = async () => ((await wakeOf(run.id)) ?? 0) - Date.now();
    await wake(run.id);
    expect((await runStub(env, run.id).inspect()).ok).toBe(true);
    expect(await endsIn()).toBeGreaterThan(runLimits.keptMs - 60_000);
    await changeHistory(run.id, (events) =>
      events.map((event) => ({ ...event, at: event.at - runLimits.keptMs })),
    );
    await abortAllDurableObjects();
    await wake(run.id);
    expect(await runStub(env, run.id).inspect()).toMatchObject({
      error: { code: "run.not-found" },
    });
    expect(await alarm()).toBeNull();
  });

  it("keeps an output that is larger than one row of storage", async () => {
    const big = code("export default () => 'x'.repeat(4_000_000);");
    const run = requestOf({ start, big }, [["start", "big"]]);
    const result = await executeRun(env, run, 10_000);
    expect(result.status).toBe("succeeded");
    await abortAllDurableObjects();
    const again = unwrap(await runStub(env, run.id).result(1_000));
    expect((again.output as string).length).toBe(4_000_000);
  });

  it("refuses a workflow that goes in a circle", async () => {
    const run = requestOf({ start, one: set("one", 1) }, [
      ["start", "one"],
      ["one", "start"],
    ]);
    await expect(startRun(env, run)).rejects.toMatchObject({ code: "workflow.circle" });
  });

  it("refuses an input that does not fit the workflow", async () => {
    const run = requestOf({ start }, []);
    Object.assign(run.document.workflow, {
      input: { type: "object", required: ["email"], properties: { email: { type: "string" } } },
    });
    await expect(startRun(env, run)).rejects.toMatchObject({ code: "input.invalid" });
  });

  it("says not found for a run that never was, and stores nothing", async () => {
    const id = createId("run", Date.now());
    expect(await runStub(env, id).inspect()).toMatchObject({ error: { code: "run.not-found" } });
    const tables = await runInDurableObject(stubOf(id), (_, { storage }) =>
      storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'history'").toArray(),
    );
    expect(tables).toEqual([]);
  });
});

describe("a test run", () => {
  it("sends nothing: effects are kept, stubs answer", async () => {
    const run = requestOf(
      {
        start,
        ask: post("https://api.test/score", {
          config: { method: "POST", url: "https://api.test/score", body: { q: 1 } },
        }),
        keep: set("score", "{{ steps.ask.output.body.score }}"),
      },
      [
        ["start", "ask"],
        ["ask", "keep"],
      ],
      { stubs: [{ match: "ask", status: 200, body: { score: 9 } }] },
    );
    expect(await executeRun(env, run, 5_000)).toMatchObject({ output: { value: 9 } });
    const trace = unwrap(await runStub(env, run.id).inspect());
    expect(trace.steps[1]?.effects).toEqual([
      { kind: "http", target: "POST https://api.test/score", status: 200, body: { q: 1 } },
    ]);
  });
});

const count = (events: { type: string; step?: string }[], type: string, step?: string) =>
  events.filter((event) => event.type === type && (step === undefined || event.step === step))
    .length;

/** Rewinds a run to the moment when `type` of `step` had been written, and forgets the object. */
async function rewind(id: string, type: string, step: string): Promise<void> {
  await changeHistory(id, (events) => {
    const last = events.findIndex((event) => event.type === type && event.step === step);
    return events.slice(0, last + 1);
  });
  await abortAllDurableObjects();
}

const post = (url: string, rest: object = {}) => ({
  type: "action",
  config: { method: "POST", url },
  ...rest,
});

describe("after the process died", () => {
  it("goes on by itself and does not repeat a finished step", async () => {
    const run = requestOf({ start, one: post("https://a.test/1"), two: post("https://b.test/2") }, [
      ["start", "one"],
      ["one", "two"],
    ]);
    await executeRun(env, run, 5_000);
    await rewind(run.id, "step-succeeded", "one");
    expect(await wake(run.id)).toBe(true);
    expect(unwrap(await runStub(env, run.id).result(5_000)).status).toBe("succeeded");
    const events = await historyOf(run.id);
    expect(count(events, "step-started", "one")).toBe(1);
    expect(count(events, "step-succeeded", "two")).toBe(1);
    expect(count(events, "run-recovered")).toBe(1);
  });

  it.each([
    ["fail", "failed", 1],
    ["retry", "succeeded", 2],
    ["ask", "waiting", 1],
  ] as const)("an uncertain step follows on_uncertain: %s", async (policy, status, starts) => {
    const run = requestOf({ start, send: post("https://a.test/1", { on_uncertain: policy }) }, [
      ["start", "send"],
    ]);
    await executeRun(env, run, 5_000);
    await rewind(run.id, "step-started", "send");
    expect(await wake(run.id)).toBe(true);
    const result = unwrap(await runStub(env, run.id).result(5_000));
    expect(result.status).toBe(status);
    if (policy === "fail")
      expect(result.error).toMatchObject({ code: "step.uncertain", step: "send" });
    expect(count(await historyOf(run.id), "step-started", "send")).toBe(starts);
  });

  it("a step that is safe to repeat is repeated with the same idempotency key", async () => {
    const run = requestOf(
      { start, put: { type: "action", config: { method: "PUT", url: "https://a.test/1" } } },
      [["start", "put"]],
    );
    await executeRun(env, run, 5_000);
    await rewind(run.id, "step-started", "put");
    await wake(run.id);
    expect(unwrap(await runStub(env, run.id).result(5_000)).status).toBe("succeeded");
  });

  it("a person decides about an uncertain step, once", async () => {
    const run = requestOf({ start, send: post("https://a.test/1", { on_uncertain: "ask" }) }, [
      ["start", "send"],
    ]);
    await startRun(env, run);
    // Too early: nothing is uncertain yet.
    const early = await runStub(env, run.id).signal("send", "uncertain", { decision: "fail" });
    expect(early.ok).toBe(false);
    expect(unwrap(await runStub(env, run.id).result(5_000)).status).toBe("succeeded");
    await rewind(run.id, "step-started", "send");
    const stub = runStub(env, run.id);
    expect(unwrap(await stub.result(5_000)).status).toBe("waiting");
    unwrap(await stub.signal("send", "uncertain", { decision: "retry" }));
    const again = () => stub.signal("send", "uncertain", { decision: "fail" });
    expect((await again()).ok).toBe(false);
    expect(unwrap(await stub.result(5_000)).status).toBe("succeeded");
    expect(await again()).toMatchObject({ error: { code: "run.ended", status: 409 } });
    expect(count(await historyOf(run.id), "signal-received")).toBe(1);
  });

  it("a run that dies again and again without progress is ended", async () => {
    const run = requestOf(
      { start, put: { type: "action", config: { method: "PUT", url: "https://a.test/1" } } },
      [["start", "put"]],
    );
    await executeRun(env, run, 5_000);
    await rewind(run.id, "step-started", "put");
    const at = Date.now();
    const crash = [
      { type: "run-recovered", at },
      { type: "step-interrupted", at, step: "put", policy: "retry" },
      { type: "step-started", at, step: "put", attempt: 1, effect: "idempotent", input: {} },
    ];
    await changeHistory(run.id, (events) => [
      ...events,
      ...Array.from({ length: 5 }, () => crash).flat(),
    ]);
    await abortAllDurableObjects();
    await wake(run.id);
    const result = unwrap(await runStub(env, run.id).result(5_000));
    expect(result).toMatchObject({
      status: "failed",
      error: { code: "step.crash-loop", step: "put" },
    });
  });
});
