import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { openWorkspaceDatabase } from "#edge/db/workspace-database";
import type { Env } from "#edge/env";
import { echoServer, network, place, post, rpc } from "#edge/gateway/gateway.fixture";
import { parseKeyring } from "./keyring.ts";
import { Vault } from "./vault.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const namespace = (env as unknown as Env).WORKSPACE;
const keyOf = (character: string) => `${character.repeat(42)}A=`;

function open(storage: DurableObjectStorage, keyring: object): Vault {
  return new Vault({
    database: openWorkspaceDatabase(storage),
    keyring: () => parseKeyring(JSON.stringify(keyring)),
    workspaceId: () => "wks_a",
    now: () => 1000,
  });
}
const onlyFirst = { current: "k1", keys: { k1: keyOf("A") } };
const both = { current: "k2", keys: { k1: keyOf("A"), k2: keyOf("B") } };
const onlySecond = { current: "k2", keys: { k2: keyOf("B") } };

async function filled(vault: Vault, values: Record<string, string>): Promise<void> {
  for (const [name, value] of Object.entries(values)) {
    vault.declare({ name, purpose: "", kind: "token", hosts: ["up.example"] });
    await vault.put(name, value);
  }
}

it("no call fails while the data key is rotated and the secret replaced", async () => {
  const seen = network({ "up.example": echoServer().fetch });
  const where = await place();
  const { token } = await where.token();
  const value = "Bearer {{ secret }}";
  const auth = { type: "header" as const, header: "Authorization", value, secret: "UP_TOKEN" };
  const source = { kind: "external" as const, url: "https://up.example/mcp" };
  unwrap(await where.stub.linkMcp({ alias: "up", source, auth }));
  unwrap(await where.stub.putSecret("UP_TOKEN", "first-value-of-it"));
  const load = { isOver: false };
  const texts: string[] = [];
  const callers = Array.from({ length: 4 }, async (_, caller) => {
    for (let nonce = 0; !load.isOver || nonce < 5; nonce++) {
      const params = { name: "up__echo", arguments: { nonce: `${caller}-${nonce}` } };
      const text = await (await post(where, token, rpc("tools/call", params))).text();
      if (!text.includes(`${caller}-${nonce}`) || text.includes("isError")) texts.push(text);
    }
  });
  for (const next of ["second-value-of-it", "third-value-of-it"]) {
    expect(unwrap(await where.stub.rotateDataKey())).toEqual({ secrets: 1 });
    unwrap(await where.stub.putSecret("UP_TOKEN", next));
  }
  const [last] = await Promise.all([where.stub.rotateDataKey(), where.stub.rotateDataKey()]);
  expect(unwrap(last)).toEqual({ secrets: 1 });
  load.isOver = true;
  await Promise.all(callers);
  expect(texts).toEqual([]);
  const sent = new Set(seen.requests.map(({ headers }) => headers.get("authorization")));
  expect([...sent]).toEqual(["first", "second", "third"].map((one) => `Bearer ${one}-value-of-it`));
  await runInDurableObject(namespace.getByName(where.identity.id), (_object, { storage }) => {
    const keys = storage.sql.exec("SELECT id FROM data_keys").toArray();
    expect(keys).toEqual([{ id: "dk5" }]);
  });
});

it("after a rotation another object reads everything, former values included, and the old key nothing", () =>
  runInDurableObject(namespace.get(namespace.newUniqueId()), async (_object, { storage }) => {
    const vault = open(storage, onlyFirst);
    await filled(vault, { A: "value-a-1", B: "value-b-1" });
    await vault.put("A", "value-a-2");
    const before = storage.sql.exec("SELECT name, ciphertext FROM secrets").toArray();
    expect(await vault.rotateDataKey()).toEqual({ secrets: 2 });
    const fresh = open(storage, onlyFirst);
    expect(await fresh.release(["A", "B"], "up.example")).toEqual({
      A: "value-a-2",
      B: "value-b-1",
    });
    expect((await fresh.redactor()).text("value-a-1")).toBe("[redacted]");
    // A row from before the rotation is not opened any more.
    const old = before.find(({ name }) => name === "A")?.["ciphertext"];
    storage.sql.exec("UPDATE secrets SET ciphertext = ? WHERE name = 'A'", old);
    await expect(open(storage, onlyFirst).release(["A"], "up.example")).rejects.toMatchObject({
      code: "secret.unreadable",
    });
  }));

it("a rotation that meets an unreadable value changes nothing", () =>
  runInDurableObject(namespace.get(namespace.newUniqueId()), async (_object, { storage }) => {
    await filled(open(storage, onlyFirst), { A: "value-a-1", B: "value-b-1" });
    storage.sql.exec("UPDATE secrets SET version = 7 WHERE name = 'A'");
    await expect(open(storage, onlyFirst).rotateDataKey()).rejects.toMatchObject({
      code: "secret.unreadable",
    });
    expect(await open(storage, onlyFirst).release(["B"], "up.example")).toEqual({ B: "value-b-1" });
  }));

it("a new master key takes over while others read and write, and the former may go", () =>
  runInDurableObject(namespace.get(namespace.newUniqueId()), async (_object, { storage }) => {
    await filled(open(storage, onlyFirst), { A: "value-a-1" });
    const vaults = [open(storage, onlyFirst), open(storage, both), open(storage, both)];
    const read = vaults.flatMap((vault) =>
      Array.from({ length: 20 }, () => vault.release(["A"], "up.example")),
    );
    await Promise.all([filled(vaults[1]!, { B: "value-b-1" }), vaults[2]!.rotateDataKey()]);
    for (const one of await Promise.all(read)) expect(one).toEqual({ A: "value-a-1" });
    expect(await open(storage, onlySecond).release(["A"], "up.example")).toEqual({
      A: "value-a-1",
    });
  }));
