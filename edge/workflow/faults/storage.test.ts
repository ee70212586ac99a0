import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { place } from "#edge/gateway/gateway.fixture";
import { classify } from "#edge/workflow/classify";
import { playClocked } from "#edge/workflow/clocked.fixture";
import { env, historyOf, requestOf, stubOf, wake } from "#edge/workflow/run.fixture";
import { createRunId } from "#edge/workflow/run-id";
import { runStub, startRun } from "#edge/workflow/start";

const start = { type: "trigger" };
const put = (host: string) => ({
  type: "action",
  config: { method: "PUT", url: `https://${host}.test/` },
});
const post = (path: string) => ({
  type: "action",
  config: { method: "POST", url: `https://acts.test/${path}` },
});
const gate = { type: "human_review", config: { title: "Go on?" } };
const wait = (ms: number) => ({
  type: "code_block",
  config: { code: `export default () => scheduler.wait(${ms});` },
});

/** From now on no event of this kind can be stored, as on a full disk; `false`: it can again. */
const fill = (id: string, event: string | false) =>
  runInDurableObject(stubOf(id), async (_, { storage }) => {
    storage.sql.exec("DROP TRIGGER IF EXISTS full");
    if (event !== false) {
      storage.sql.exec(`CREATE TRIGGER full BEFORE INSERT ON history
        WHEN new.body LIKE '%"${event}"%' BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`);
    }
    await storage.sync();
  });

describe("fault 25: storage that cannot be written", () => {
  it("lets no step act that it could not record before", async () => {
    const run = requestOf(
      { start, gate, act: put("act") },
      [
        ["start", "gate"],
        ["gate", "act", "approved"],
      ],
      { mode: "live" },
    );
    const by = { kind: "account", name: "acme" } as const;
    await playClocked(run, async (table) => {
      const answer = { step: "gate", name: undefined, payload: { decision: "approved" }, by };
      table.isFull = true;
      expect(() => table.run.receive(answer)).toThrow("full");
      table.isFull = false;
      // What is in memory is ahead of the disk: there is room again, and still nothing is recorded.
      expect(() => table.run.cancel("enough")).toThrow("could not be written");
      expect(table.sent).toEqual([]);
      await table.restart();
      expect(table.step("gate")?.status).toBe("waiting");
      table.run.receive(answer);
      await table.settled();
      expect(table.run.state.status).toBe("succeeded");
      expect(table.sent).toHaveLength(1);
    });
  });

  it("ends that life of the run; the next one goes on from what was stored", async () => {
    const where = await place();
    const run = requestOf({ start, gate }, [["start", "gate"]], {
      mode: "live",
      workspaceId: where.identity.id,
      baseUrl: "https://aerostack.test",
    });
    await startRun(env, run);
    const stub = () => runStub(env, run.id);
    expect(unwrap(await stub().result(5_000)).status).toBe("waiting");
    await fill(run.id, "run-cancelled");
    const failed = await stub()
      .cancel("enough")
      .catch((error: unknown) => error);
    expect(failed).toMatchObject({ message: "The run could not be stored." });
    expect(unwrap(await stub().result(0)).status).toBe("waiting");
    await fill(run.id, false);
    unwrap(await stub().cancel("enough"));
    const types = (await historyOf(run.id)).map(({ type }) => type);
    expect(types.filter((type) => type === "run-cancelled")).toHaveLength(1);
  });
});

it("fault 25: runs of the same object go on too: nothing that ended or acted is repeated", async () => {
  const { identity } = await place();
  const asked: string[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation((request) => {
    const { pathname } = new URL(new Request(request).url);
    asked.push(pathname);
    return pathname === "/one"
      ? Promise.resolve(Response.json({}))
      : new Promise<Response>(() => undefined);
  });
  const fields = { mode: "live", workspaceId: identity.id, baseUrl: "https://a.test" } as const;
  const idOf = () => createRunId(identity.id, Date.now());
  const made = requestOf(
    { start, one: post("one"), two: post("two") },
    [
      ["start", "one"],
      ["one", "two"],
    ],
    { ...fields, id: idOf() },
  );
  const acts = { ...made, document: { ...made.document, egress: ["acts.test"] } };
  const waits = requestOf({ start, gate }, [["start", "gate"]], { ...fields, id: idOf() });
  await startRun(env, acts);
  await startRun(env, waits);
  await expect.poll(() => asked).toEqual(["/one", "/two"]);
  expect(unwrap(await runStub(env, waits.id).result(5_000)).status).toBe("waiting");
  await fill(waits.id, "run-cancelled");
  const failed = await runStub(env, waits.id)
    .cancel("enough")
    .catch((error: unknown) => error);
  expect(failed).toMatchObject({ message: "The run could not be stored." });
  await fill(waits.id, false);
  await wake(acts.id);
  expect(unwrap(await runStub(env, acts.id).result(5_000))).toMatchObject({
    status: "failed",
    error: { code: "step.uncertain", step: "two" },
  });
  expect(asked).toEqual(["/one", "/two"]);
  unwrap(await runStub(env, waits.id).cancel("enough"));
  vi.restoreAllMocks();
});

describe("fault 18: an object that is reset while it is asked", () => {
  const node = { id: "call", type: "action", config: {} };

  it("leaves a step with an unknown outcome: repeated only where that is safe", async () => {
    const slow = requestOf({ start, slow: wait(20_000) }, [["start", "slow"]]);
    await startRun(env, slow);
    const asked = runStub(env, slow.id)
      .result(20_000)
      .catch((cause: unknown) => cause);
    await runInDurableObject(stubOf(slow.id), (_, state) => {
      state.abort("It was reset because its code was updated.");
    }).catch(() => undefined);
    const error = await asked;
    expect(error).toBeInstanceOf(Error);
    const told = (effect: "read" | "external", more: object = {}) =>
      classify(error, effect, { ...node, ...more });
    expect(told("external")).toMatchObject({ code: "platform.interrupted", kind: "upstream" });
    expect(told("external").retryAfterMs).toBeUndefined();
    expect(told("read").retryAfterMs).toBe(0);
    expect(told("external", { on_uncertain: "retry" }).retryAfterMs).toBe(0);
    unwrap(await runStub(env, slow.id).cancel("enough"));
  });
});
