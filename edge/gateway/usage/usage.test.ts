import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { openWorkspaceDatabase } from "#edge/db/workspace-database";
import type { Env } from "#edge/env";
import { echoServer, network, place, type Place, post, rpc } from "#edge/gateway/gateway.fixture";
import type { UsageDimension } from "#edge/gateway/records";
import { addLatency, type Latencies, percentile } from "./latencies.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const dayMs = 86_400_000;
const dimensions: readonly UsageDimension[] = ["mcp", "tool", "member", "token", "day"];

/** Looks into the SQLite of the object. */
async function inside<T>(where: Place, work: (storage: DurableObjectStorage) => T): Promise<T> {
  const stub = (env as unknown as Env).WORKSPACE.getByName(where.identity.id);
  return runInDurableObject(stub, (_object, { storage }) => work(storage));
}

async function linkedPlace(): Promise<Place> {
  network({ "up.example": echoServer().fetch });
  const where = await place();
  const source = { kind: "external" as const, url: "https://up.example/mcp" };
  unwrap(await where.stub.linkMcp({ alias: "up", source, auth: { type: "none" } }));
  return where;
}

async function call(where: Place, token: string, name: string): Promise<void> {
  await (await post(where, token, rpc("tools/call", { name, arguments: {} }))).text();
}

async function usageOf(where: Place) {
  const read = async (by: UsageDimension) => [by, unwrap(await where.stub.usage({ by }))] as const;
  return Object.fromEntries(await Promise.all(dimensions.map(read)));
}

/** Two members, two tools, all outcomes. */
async function used(): Promise<Place & { readonly tokens: readonly string[] }> {
  const where = await linkedPlace();
  const ada = await where.token({ member: "ada" });
  const bob = await where.token({ member: "bob", perMinute: 2 });
  for (let count = 0; count < 4; count++) {
    await call(where, ada.token, "up__echo");
    await call(where, bob.token, "up__refuse");
  }
  return { ...where, tokens: [ada.id, bob.id] };
}

it("usage by member, token, server, tool and day outlives the rows that it was counted from", async () => {
  const where = await used();
  const before = await usageOf(where);
  const [ada, bob] = where.tokens;
  const whole = { calls: 8, errors: 4, denied: 2, rateLimited: 2 };
  const [fine, refused] = [
    { calls: 4, errors: 0 },
    { calls: 4, errors: 4, denied: 2 },
  ];
  expect(before["mcp"]).toMatchObject([{ key: "up", ...whole }]);
  expect(before["member"]).toMatchObject([
    { key: "ada", ...fine },
    { key: "bob", ...refused },
  ]);
  expect(before["tool"]).toMatchObject([{ key: "up__echo" }, { key: "up__refuse", ...refused }]);
  expect(new Set(before["token"]?.map(({ key, calls }) => `${key} ${calls}`))).toEqual(
    new Set([`${ada} 4`, `${bob} 4`]),
  );
  expect(before["day"]?.reduce((sum, { calls }) => sum + calls, 0)).toBe(8);
  unwrap(await where.stub.changeSettings({ keptRows: 1, keptDays: 1 }));
  expect(unwrap(await where.stub.callLog({}))).toHaveLength(1);
  expect(await usageOf(where)).toEqual(before);
  await call(where, (await where.token({ member: "ada" })).token, "up__echo");
  expect((await usageOf(where))["member"]).toMatchObject([{ key: "ada", calls: 5 }, refused]);
});

it("a workspace from before usage was kept counts what its log holds, in the same buckets", async () => {
  const where = await used();
  await call(where, (await where.token()).token, "up__made-up");
  const before = await usageOf(where);
  await inside(where, (storage) => {
    storage.sql.exec("DROP TABLE usage_days");
    storage.sql.exec("ALTER TABLE calls DROP COLUMN kind");
    storage.sql.exec("DELETE FROM migrations WHERE id = '0007-create-usage-days'");
    openWorkspaceDatabase(storage);
  });
  expect(await usageOf(where)).toEqual(before);
});

it("a call is logged and counted, or neither", async () => {
  const where = await linkedPlace();
  const { token } = await where.token();
  const full =
    "CREATE TRIGGER full BEFORE INSERT ON usage_days BEGIN SELECT RAISE(ABORT, 'x'); END";
  await inside(where, (storage) => void storage.sql.exec(full));
  await call(where, token, "up__echo");
  await where.stub.callLog({});
  await inside(where, (storage) => void storage.sql.exec("DROP TRIGGER full"));
  expect(unwrap(await where.stub.callLog({}))).toEqual([]);
  expect(unwrap(await where.stub.usage({}))).toEqual([]);
});

it("since counts from that moment on while the log holds the day, and else the whole day", async () => {
  const where = await linkedPlace();
  const { token } = await where.token();
  for (let count = 0; count < 3; count++) await call(where, token, "up__echo");
  const [row] = unwrap(await where.stub.callLog({}));
  const midnight = row!.at - (row!.at % dayMs);
  await inside(where, (storage) => {
    storage.sql.exec(
      "UPDATE usage_days SET day = ?",
      new Date(midnight).toISOString().slice(0, 10),
    );
    storage.sql.exec(
      "UPDATE calls SET at = ? + 1000 * (SELECT count(*) FROM calls AS older WHERE older.id < calls.id)",
      midnight,
    );
  });
  const count = async (since: number) =>
    unwrap(await where.stub.usage({ since })).map(({ calls }) => calls);
  expect(await count(midnight)).toEqual([3]);
  expect(await count(midnight + 1000)).toEqual([2]);
  expect(await count(midnight + 1001)).toEqual([1]);
  expect(await count(midnight + dayMs)).toEqual([]);
  unwrap(await where.stub.changeSettings({ keptRows: 2 }));
  expect(await count(midnight + 1001)).toEqual([3]);
});

it("days are kept for 400 days", async () => {
  const where = await linkedPlace();
  await call(where, (await where.token()).token, "up__echo");
  unwrap(await where.stub.usage({}));
  const age = (days: number) => {
    const day = new Date(Date.now() - days * dayMs).toISOString().slice(0, 10);
    return inside(where, (storage) => void storage.sql.exec("UPDATE usage_days SET day = ?", day));
  };
  await age(399);
  unwrap(await where.stub.changeSettings({}));
  expect(unwrap(await where.stub.usage({}))).toMatchObject([{ calls: 1 }]);
  await age(402);
  unwrap(await where.stub.changeSettings({}));
  expect(unwrap(await where.stub.usage({}))).toEqual([]);
});

it("names that callers make up are logged one by one and counted as one", async () => {
  const where = await linkedPlace();
  const { token } = await where.token({ role: "read-only" });
  for (const name of ["nope_1", "nope_2", "up__leak"]) await call(where, token, name);
  const rows = unwrap(await where.stub.callLog({}));
  expect(new Set(rows.map(({ tool }) => tool))).toEqual(new Set(["nope_1", "nope_2", "up__leak"]));
  expect(unwrap(await where.stub.usage({ by: "tool" }))).toMatchObject([
    { key: "-", calls: 2, denied: 2 },
    { key: "up__leak", calls: 1, denied: 1 },
  ]);
});

it("percentiles out of buckets are within 5 % of those out of all durations", () => {
  const durations = Array.from({ length: 1000 }, (_, index) => 0.2 * 1.01 ** index);
  const latencies: Latencies = {};
  for (const ms of durations.toReversed()) addLatency(latencies, ms);
  for (const part of [0, 0.5, 0.95, 0.99]) {
    const exact = durations[Math.floor(durations.length * part)]!;
    expect(Math.abs(percentile(latencies, part) / exact - 1)).toBeLessThan(0.055);
  }
  expect(percentile({}, 0.5)).toBe(0);
});
