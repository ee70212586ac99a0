import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import type { Env } from "#edge/env";
import { openWorkspaceDatabase } from "#edge/db/workspace-database";
import { createId } from "#edge/id";
import { Captures } from "./captures.ts";
import { CallLog } from "./log.ts";
import { Settings } from "./settings.ts";
import { anomaliesOf } from "./usage/anomalies.ts";
import { echoServer, network, place, type Place, post, rpc } from "./gateway.fixture.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** Looks into the SQLite of the object. */
async function inside(where: Place, work: (storage: DurableObjectStorage) => void): Promise<void> {
  const stub = (env as unknown as Env).WORKSPACE.getByName(where.identity.id);
  await runInDurableObject(stub, (_object, { storage }) => work(storage));
}

const sampleRow = {
  kind: "tools/call",
  mcp: "up",
  tool: "up__echo",
  latencyMs: 1,
  upstreamMs: 1,
  requestBytes: 1,
  responseBytes: 1,
  outcome: "ok",
} as const;

const canary = "canary-s3cr3t-value-of-the-upstream";

async function linkedPlace(): Promise<Place> {
  network({ "up.example": echoServer().fetch });
  const where = await place();
  const source = { kind: "external" as const, url: "https://up.example/mcp" };
  const value = "Bearer {{ secret }}";
  const auth = { type: "header" as const, header: "Authorization", value, secret: "UP_TOKEN" };
  unwrap(await where.stub.linkMcp({ alias: "up", source, auth }));
  unwrap(await where.stub.putSecret("UP_TOKEN", canary));
  return where;
}

async function call(where: Place, token: string, name: string, input: unknown = {}) {
  await (await post(where, token, rpc("tools/call", { name, arguments: input }))).text();
}

describe("arguments and results", () => {
  it("are kept nowhere unless the workspace captures", async () => {
    const where = await linkedPlace();
    const { token } = await where.token();
    await call(where, token, "up__echo", { note: "keep-me-not" });
    expect(await where.stub.callLog({})).toMatchObject({ value: [{ tool: "up__echo" }] });
    await inside(where, (storage) => {
      const rows = ["calls", "captured_calls"].map((table) =>
        storage.sql.exec(`SELECT * FROM ${table}`).toArray(),
      );
      expect(rows.map(({ length }) => length)).toEqual([1, 0]);
      expect(JSON.stringify(rows)).not.toContain("keep-me-not");
    });
    expect(JSON.stringify(unwrap(await where.stub.callLog({})))).not.toContain("keep-me-not");
  });

  it("are kept without secrets and telling fields while it does, and gone afterwards", async () => {
    const where = await linkedPlace();
    const { token } = await where.token();
    unwrap(await where.stub.changeSettings({ captureCalls: true }));
    const input = { note: "kept", password: "hunter2hunter2", deep: { api_key: "abc-def" } };
    await call(where, token, "up__echo", { ...input, sent: `x ${canary} y` });
    await call(where, token, "up__leak");
    const [leak, echo] = unwrap(await where.stub.callLog({}));
    expect(echo?.arguments).toContain('"note":"kept"');
    expect(echo?.result).toContain("kept");
    const text = JSON.stringify([leak, echo]);
    for (const value of [canary, btoa(canary), "hunter2hunter2", "abc-def"]) {
      expect(text).not.toContain(value);
    }
    unwrap(await where.stub.changeSettings({ captureCalls: false }));
    expect(unwrap(await where.stub.callLog({})).map((row) => row.arguments)).toEqual([
      undefined,
      undefined,
    ]);
  });

  it("of a large call are cut off, and the call is not", async () => {
    const where = await linkedPlace();
    const { token } = await where.token();
    unwrap(await where.stub.changeSettings({ captureCalls: true }));
    await call(where, token, "up__echo", { text: "x".repeat(500_000) });
    const [row] = unwrap(await where.stub.callLog({}));
    expect(row?.outcome).toBe("ok");
    expect(row?.arguments).toHaveLength(16_000);
  });
});

describe("retention", () => {
  it("ends rows by age at once, also where nothing was pruned yet", async () => {
    const where = await linkedPlace();
    const { token } = await where.token();
    for (let count = 0; count < 2; count++) await call(where, token, "up__echo");
    expect(unwrap(await where.stub.callLog({}))).toHaveLength(2);
    await inside(where, (storage) => {
      storage.sql.exec(
        "UPDATE calls SET at = at - 3 * 86400000 WHERE id = (SELECT min(id) FROM calls)",
      );
    });
    expect(unwrap(await where.stub.callLog({}))).toHaveLength(2);
    unwrap(await where.stub.changeSettings({ keptDays: 2 }));
    expect(unwrap(await where.stub.callLog({}))).toHaveLength(1);
  });

  it("keeps the newest rows, as many as the workspace says", async () => {
    const where = await linkedPlace();
    const { token } = await where.token();
    for (let count = 0; count < 5; count++) await call(where, token, "up__echo", { count });
    const before = unwrap(await where.stub.callLog({}));
    unwrap(await where.stub.changeSettings({ keptRows: 3 }));
    const kept = unwrap(await where.stub.callLog({}));
    expect(kept.map(({ id }) => id)).toEqual(before.slice(0, 3).map(({ id }) => id));
  });
});

it("the log is searched by a part of the tool, the member or the client", async () => {
  const where = await linkedPlace();
  const [ada, bob] = [await where.token(), await where.token({ member: "Bob@Example.org" })];
  await call(where, ada.token, "up__echo");
  await call(where, bob.token, "up__refuse");
  const found = async (text: string) =>
    unwrap(await where.stub.callLog({ text })).map(({ tool }) => tool);
  expect(await found("ECHO")).toEqual(["up__echo"]);
  expect(await found("bob@")).toEqual(["up__refuse"]);
  expect(await found("%")).toEqual([]);
  expect(await found("up__")).toHaveLength(2);
});

it("usage by member shows who is limited, refused and failing", async () => {
  const where = await linkedPlace();
  const fine = await where.token({ member: "fine" });
  const limited = await where.token({ member: "limited", perMinute: 1 });
  const failing = await where.token({ member: "failing" });
  const denied = await where.token({ member: "denied", role: "read-only" });
  for (let count = 0; count < 6; count++) {
    await call(where, fine.token, "up__echo");
    await call(where, limited.token, "up__echo");
    await call(where, failing.token, "up__refuse");
    await call(where, denied.token, "up__leak");
  }
  const rows = unwrap(await where.stub.usage({ by: "member" }));
  expect(rows.map(({ key, anomalies }) => [key, anomalies])).toEqual([
    ["denied", ["denied"]],
    ["failing", ["failing"]],
    ["fine", []],
    ["limited", ["rate-limited"]],
  ]);
  expect(rows.find(({ key }) => key === "limited")).toMatchObject({ calls: 6, rateLimited: 5 });
});

const rowAt = (at: number) => ({ ...sampleRow, id: createId("call", at), at });

const refuse = (where: Place) =>
  inside(where, ({ sql }) => {
    sql.exec(
      "CREATE TRIGGER full BEFORE INSERT ON captured_calls BEGIN SELECT raise(ABORT, 'full'); END",
    );
  });
const relent = (where: Place) => inside(where, ({ sql }) => void sql.exec("DROP TRIGGER full"));

describe("rows that the database refuses", () => {
  it("are kept and tried again by themselves, with usage and what was captured", async () => {
    const reported = vi.spyOn(console, "error").mockReturnValue();
    const where = await linkedPlace();
    const { token } = await where.token();
    unwrap(await where.stub.changeSettings({ captureCalls: true }));
    await refuse(where);
    await call(where, token, "up__echo", { note: "kept" });
    expect(unwrap(await where.stub.callLog({}))).toEqual([]);
    await call(where, token, "up__leak");
    expect(unwrap(await where.stub.usage({ by: "tool" }))).toEqual([]);
    await relent(where);
    await expect.poll(async () => unwrap(await where.stub.callLog({})).length).toBe(2);
    const [, echo] = unwrap(await where.stub.callLog({}));
    expect(echo).toMatchObject({ tool: "up__echo", arguments: '{"note":"kept"}' });
    const usage = unwrap(await where.stub.usage({ by: "tool" }));
    expect(usage.map(({ key, calls }) => [key, calls])).toEqual([
      ["up__echo", 1],
      ["up__leak", 1],
    ]);
    expect(reported.mock.calls.join(" ")).toContain("log.write-failed");
  });

  it("are given up at some time, not without a word", async () => {
    const reported = vi.spyOn(console, "error").mockReturnValue();
    const where = await linkedPlace();
    await inside(where, (storage) => {
      const database = openWorkspaceDatabase(storage);
      const due: (() => void)[] = [];
      const delays: number[] = [];
      const written: number[] = [];
      const log = new CallLog({
        database,
        captures: new Captures(database),
        now: Date.now,
        retention: () => new Settings(database).get(),
        withBatch: (batch) => void written.push(batch.length),
        later: (work, delay) => {
          due.push(work);
          delays.push(delay);
        },
      });
      storage.sql.exec(
        "CREATE TRIGGER full BEFORE INSERT ON calls BEGIN SELECT raise(ABORT, 'full'); END",
      );
      log.add(rowAt(Date.now()));
      for (let attempt = 1; attempt < 14; attempt++) due.shift()?.();
      expect(delays.slice(0, 4)).toEqual([100, 200, 400, 800]);
      expect(Math.max(...delays)).toBe(30_000);
      log.add(rowAt(Date.now()));
      expect(reported.mock.calls.join(" ")).not.toContain("log.rows-lost");
      due.shift()?.();
      expect(reported.mock.calls.join(" ")).toContain("1 rows of the call log were given up");
      storage.sql.exec("DROP TRIGGER full");
      due.shift()?.();
      expect([written, due]).toEqual([[1], []]);
    });
  });
});

it("the log is read a page at a time, each row once, also while calls go on", async () => {
  const where = await linkedPlace();
  const { token } = await where.token();
  for (let count = 0; count < 7; count++) await call(where, token, "up__echo", { count });
  const all = unwrap(await where.stub.callLog({})).map(({ id }) => id);
  const paged: string[] = [];
  for (let after: string | undefined; paged.length <= all.length;) {
    const rows = unwrap(await where.stub.callLog({ limit: 3, ...(after ? { after } : {}) }));
    if (rows.length === 0) break;
    paged.push(...rows.map(({ id }) => id));
    after = rows.at(-1)?.id;
    await call(where, token, "up__echo");
  }
  expect(paged).toEqual(all);
});

it("slow is who takes three times as long as the others do", () => {
  const figures = { calls: 10, denied: 0, rateLimited: 0, failed: 0, p95Ms: 2000 };
  const others = [300, 400, 500].map((p95Ms) => ({ ...figures, p95Ms }));
  expect(anomaliesOf(figures, others)).toEqual(["slow"]);
  expect(anomaliesOf({ ...figures, p95Ms: 1100 }, others)).toEqual([]);
  expect(anomaliesOf({ ...figures, calls: 2 }, others)).toEqual([]);
});
