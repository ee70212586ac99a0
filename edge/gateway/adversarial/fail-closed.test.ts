import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import type { Env } from "#edge/env";
import { forgetWorkspace, workspaceStub } from "#edge/gateway/directory";
import { place, type Place, post, rpc, services } from "#edge/gateway/gateway.fixture";
import { auth, canary, traces } from "./canary.fixture.ts";
import { knock } from "./routes.fixture.ts";
import { answer, besides, call, link, text } from "./upstream.fixture.ts";

const { DB } = env as unknown as Env;

afterEach(() => {
  vi.restoreAllMocks();
});

/** While `work` runs, every question about this table fails as a database does that lost it. */
async function without<T>(table: string, work: () => Promise<T>): Promise<T> {
  await DB.exec(`ALTER TABLE ${table} RENAME TO lost_${table}`);
  try {
    return await work();
  } finally {
    await DB.exec(`ALTER TABLE lost_${table} RENAME TO ${table}`);
  }
}

/** Nothing of the database, of the credential or of the code that asked comes out. */
function expectIncident(status: number, told: string, credential: string): void {
  expect(status, told).toBe(500);
  expect(told).toMatch(/incident [0-9a-f-]{36}/);
  expect(told).not.toContain(credential);
  expect(told).not.toMatch(/select|no such table|sqlite|D1_|\.ts\b/i);
}

const quiet = () => vi.spyOn(console, "error").mockImplementation(() => undefined);

describe("when the directory cannot be read, nobody is let in, and the answer says so:", () => {
  const listing = JSON.stringify(rpc("tools/list"));

  it.each(["accounts", "account_keys"])("an account key without %s", async (table) => {
    const { identity, ownerKey } = await place();
    const log = quiet();
    const headers = { authorization: `Bearer ${ownerKey}` };
    for (const path of ["/mcp", `/ws/${identity.slug}`, `/ws/${identity.slug}/tools`]) {
      const method = path.endsWith("/tools") ? "GET" : "POST";
      const response = await without(table, () => knock({ method }, path, headers, listing));
      expectIncident(response.status, await response.text(), ownerKey);
    }
    expect(JSON.stringify(log.mock.calls)).not.toContain(ownerKey);
    expect((await knock({ method: "POST" }, "/mcp", headers, listing)).status).toBe(200);
  });

  it("a token at a workspace that this process does not know yet", async () => {
    const where = await place();
    const { token } = await where.token();
    forgetWorkspace(where.identity.slug);
    const log = quiet();
    const response = await without("workspaces", () => post(where, token, rpc("tools/list")));
    expectIncident(response.status, await response.text(), token);
    expect(JSON.stringify(log.mock.calls)).not.toContain(token);
    expect((await post(where, token, rpc("tools/list"))).status).toBe(200);
  });
});

/** The workspace after a crash, its storage changed meanwhile. */
async function damaged({ identity, stub }: Place, sql: string): Promise<Place["stub"]> {
  const crashed = runInDurableObject(
    stub as unknown as DurableObjectStub,
    async (_object, state) => {
      expect(state.storage.sql.exec(sql).rowsWritten).toBeGreaterThan(0);
      await state.storage.sync();
      state.abort("crashed");
    },
  );
  await expect(crashed).rejects.toThrow("crashed");
  return workspaceStub(services.env, identity.id);
}

describe("a secret that cannot be decrypted is sent nowhere, and the call fails:", () => {
  it.each([
    ["the data key has another bit", "UPDATE data_keys SET wrapped = zeroblob(length(wrapped))"],
    ["the data key is cut off", "UPDATE data_keys SET wrapped = substr(wrapped, 2)"],
    ["the data key is empty", "UPDATE data_keys SET wrapped = x''"],
    ["a master key that is not there", "UPDATE data_keys SET master_key_id = 'gone'"],
    ["the value has other bytes", "UPDATE secrets SET ciphertext = zeroblob(length(ciphertext))"],
  ])("%s", async (_what, sql) => {
    const { where, token, seen } = await besides(
      { "tools/call": (heard) => answer(heard, text("ran")) },
      { auth },
    );
    unwrap(await where.stub.putSecret("KEY", canary));
    expect(await call(where, token)).toContain("ran");
    const stub = await damaged(where, sql);
    const before = seen.requests.length;
    const told = await call(where, token);
    expect(told).toContain('"isError":true');
    expect(told).toMatch(/\((secret\.unreadable|platform\.master-key-missing)\)/);
    expect(traces(told)).toEqual([]);
    expect(seen.requests.slice(before)).toEqual([]);
    expect(await stub.releaseSecrets(["KEY"], "up.example")).toMatchObject({ ok: false });
    expect(await link({ ...where, stub }, { auth })).toMatchObject({ state: "unavailable" });
    expect(seen.requests.slice(before)).toEqual([]);
    const [row] = unwrap(await stub.callLog({ limit: 1 }));
    expect(row).toMatchObject({ tool: "up__do", outcome: "failed" });
    expect(await call(where, token, "two__do")).toContain("fine");
  });
});
