import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import type { Env } from "#edge/env";
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

it("slow is who takes three times as long as the others do", () => {
  const figures = { calls: 10, denied: 0, rateLimited: 0, failed: 0, p95Ms: 2000 };
  const others = [300, 400, 500].map((p95Ms) => ({ ...figures, p95Ms }));
  expect(anomaliesOf(figures, others)).toEqual(["slow"]);
  expect(anomaliesOf({ ...figures, p95Ms: 1100 }, others)).toEqual([]);
  expect(anomaliesOf({ ...figures, calls: 2 }, others)).toEqual([]);
});
