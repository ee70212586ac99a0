import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { openWorkspaceDatabase } from "#edge/db/workspace-database";
import type { Env } from "#edge/env";
import { parseKeyring } from "./keyring.ts";
import { Redactor } from "./redaction.ts";
import { Vault } from "./vault.ts";

const keyOf = (character: string) => `${character.repeat(42)}A=`;
const onlyFirst = { current: "k1", keys: { k1: keyOf("A") } };
const both = { current: "k2", keys: { k1: keyOf("A"), k2: keyOf("B") } };
const onlySecond = { current: "k2", keys: { k2: keyOf("B") } };

/** Runs against the SQLite of an object of its own. */
function withStorage(work: (storage: DurableObjectStorage) => Promise<void>): Promise<void> {
  const namespace = (env as unknown as Env).WORKSPACE;
  const stub = namespace.get(namespace.newUniqueId());
  return runInDurableObject(stub, (_object, state) => work(state.storage));
}

function open(storage: DurableObjectStorage, keyring: object, workspaceId = "wks_a"): Vault {
  return new Vault({
    database: openWorkspaceDatabase(storage),
    keyring: () => parseKeyring(JSON.stringify(keyring)),
    workspaceId: () => workspaceId,
    now: () => 1000,
  });
}

const host = "api.example";
const declare = (vault: Vault, name: string) =>
  vault.declare({ name, purpose: "", kind: "token", hosts: [host] });

it("at rest there is no plaintext, and another object in memory reads it back", () =>
  withStorage(async (storage) => {
    const vault = open(storage, onlyFirst);
    declare(vault, "A");
    await vault.put("A", "the-plain-value");
    const rows = storage.sql.exec("SELECT * FROM secrets, data_keys").toArray();
    const bytes = rows.flatMap((row) =>
      Object.values(row).map((value) =>
        value instanceof ArrayBuffer ? Buffer.from(value).toString("latin1") : String(value),
      ),
    );
    expect(bytes.join("\n")).not.toContain("the-plain-value");
    expect(await open(storage, onlyFirst).release(["A"], host)).toEqual({ A: "the-plain-value" });
  }));

it.each([
  [
    "another name",
    "UPDATE secrets SET ciphertext = (SELECT ciphertext FROM secrets WHERE name = 'B'), iv = (SELECT iv FROM secrets WHERE name = 'B') WHERE name = 'A'",
  ],
  ["another version", "UPDATE secrets SET version = 2 WHERE name = 'A'"],
  [
    "a flipped bit",
    "UPDATE secrets SET ciphertext = CAST((CASE substr(ciphertext, 1, 1) WHEN x'00' THEN x'01' ELSE x'00' END) || substr(ciphertext, 2) AS BLOB) WHERE name = 'A'",
  ],
  [
    "a cut tag",
    "UPDATE secrets SET ciphertext = substr(ciphertext, 1, length(ciphertext) - 4) WHERE name = 'A'",
  ],
  ["another master key id", "UPDATE data_keys SET master_key_id = 'k1'"],
])("a ciphertext of %s does not open", (_what, tampering) =>
  withStorage(async (storage) => {
    const vault = open(storage, both);
    for (const name of ["A", "B"]) {
      declare(vault, name);
      await vault.put(name, `value of ${name}`);
    }
    storage.sql.exec(tampering);
    await expect(open(storage, both).release(["A"], host)).rejects.toMatchObject({
      code: "secret.unreadable",
    });
  }),
);

it("a row that is copied into another workspace does not open", () =>
  withStorage(async (storage) => {
    const vault = open(storage, onlyFirst, "wks_a");
    declare(vault, "A");
    await vault.put("A", "value-of-a");
    await expect(open(storage, onlyFirst, "wks_b").release(["A"], host)).rejects.toMatchObject({
      code: "secret.unreadable",
    });
  }));

it("a new master key rewraps the data key at first use; the old one can go", () =>
  withStorage(async (storage) => {
    const vault = open(storage, onlyFirst);
    declare(vault, "A");
    await vault.put("A", "value-of-a");
    await expect(open(storage, onlySecond).release(["A"], host)).rejects.toMatchObject({
      code: "platform.master-key-missing",
    });
    expect(await open(storage, both).release(["A"], host)).toEqual({ A: "value-of-a" });
    expect(await open(storage, onlySecond).release(["A"], host)).toEqual({ A: "value-of-a" });
  }));

it("values entered at once get versions of their own, and the former value stays redacted", () =>
  withStorage(async (storage) => {
    const vault = open(storage, onlyFirst);
    declare(vault, "A");
    const versions = await Promise.all(
      ["first-value", "second-value"].map((v) => vault.put("A", v)),
    );
    expect(versions).toEqual([{ version: 1 }, { version: 2 }]);
    const redactor = await vault.redactor();
    expect(redactor.text("first-value second-value")).toBe("[redacted] [redacted]");
  }));

it("a former value stays redacted after the object was evicted, until its secret is deleted", () =>
  withStorage(async (storage) => {
    const vault = open(storage, onlyFirst);
    declare(vault, "A");
    for (const value of ["first-value", "second-value"]) await vault.put("A", value);
    const evicted = open(storage, onlyFirst);
    expect((await evicted.redactor()).text("first-value second-value")).toBe(
      "[redacted] [redacted]",
    );
    await evicted.delete("A");
    expect(storage.sql.exec("SELECT * FROM retired_secrets").toArray()).toEqual([]);
  }));

it("a value too short to be redacted is refused, and so is one that is too long", () =>
  withStorage(async (storage) => {
    const vault = open(storage, onlyFirst);
    declare(vault, "A");
    for (const value of ["12345", "x".repeat(16_385)]) {
      await expect(vault.put("A", value)).rejects.toMatchObject({ code: "secret.size" });
    }
    expect(vault.has("A")).toBe(false);
  }));

it("a value entered for no host goes to the first host that it is bound to, and to no other", () =>
  withStorage(async (storage) => {
    const vault = open(storage, onlyFirst);
    vault.declare({ name: "A", purpose: "calls", kind: "token", hosts: [] });
    await vault.put("A", "value-of-a");
    vault.bind("A", host);
    expect(await vault.release(["A"], host)).toEqual({ A: "value-of-a" });
    expect(() => vault.bind("A", "other.example.com")).toThrow(/A/);
    await expect(vault.release(["A"], "other.example.com")).rejects.toMatchObject({
      code: "secret.host-not-allowed",
    });
  }));

it.each<[string, (vault: Vault) => void]>([
  [
    "declared for several hosts",
    (vault) =>
      vault.declare({ name: "A", purpose: "", kind: "token", hosts: [host, "other.example.com"] }),
  ],
  ["made a URL", (vault) => vault.declare({ name: "A", purpose: "", kind: "url", hosts: [] })],
])("a value entered for no host is entered anew once its name is %s", (_how, change) =>
  withStorage(async (storage) => {
    const vault = open(storage, onlyFirst);
    vault.declare({ name: "A", purpose: "signs", kind: "token", hosts: [] });
    await vault.put("A", "https://value.example/of-a");
    change(vault);
    expect(vault.list()).toMatchObject([{ name: "A", state: "missing" }]);
    await expect(vault.release(["A"], host)).rejects.toMatchObject({ code: "secret.missing" });
    expect((await vault.redactor()).text("https://value.example/of-a")).toBe("[redacted]");
  }),
);

it("a value is not saved for another destination than the person was shown", () =>
  withStorage(async (storage) => {
    const vault = open(storage, onlyFirst);
    declare(vault, "A");
    const saving = vault.put("A", "the-plain-value", { kind: "token", hosts: [host] });
    vault.declare({ name: "A", purpose: "", kind: "token", hosts: ["evil.example"] });
    await expect(saving).rejects.toMatchObject({ code: "secret.request-changed" });
    expect(vault.has("A")).toBe(false);
  }));

it("of a URL its path, its query and its long parts are redacted alone, ordinary words are not", () => {
  const token = "XXXXyyyy1234ZZZZ5678wwww";
  const redactor = new Redactor([
    `https://hooks.example/services/T0123456/${token}?key=k3y-value9`,
  ]);
  expect(
    redactor.value([`no_service: /services/T0123456/${token}?key=k3y-value9`, token, "k3y-value9"]),
  ).toEqual(["no_service: [redacted]", "[redacted]", "[redacted]"]);
  expect(redactor.text("hooks.example has services")).toBe("hooks.example has services");
});

it("pieces of a random value are redacted wherever they stand, its neighbours are not", () => {
  const value = "sk-live-7f3e9d2b1aQx84Zm0w";
  const redactor = new Redactor([value, "an ordinary sentence, 1 of many"]);
  for (let at = 0; at + 12 <= value.length; at += 1) {
    const piece = value.slice(at, at + 12);
    expect(redactor.text(`key <${piece}> is wrong`)).toBe("key <[redacted]> is wrong");
  }
  expect(redactor.text(Array.from(value).toReversed().join(""))).toBe("[redacted]");
  const ordinary = "sk-live-0000 and an ordinary sentence";
  expect(redactor.text(ordinary)).toBe(ordinary);
  const long = value.slice(0, 11).repeat(100_000);
  expect(redactor.text(long)).toBe(long);
});

it("redaction takes linear time and leaves neighbours alone", () => {
  const redactor = new Redactor(["hunter2hunter2", "abc"]);
  expect(redactor.value({ a: ["xhunter2hunter2y", "abc"], n: 1, z: null })).toEqual({
    a: ["x[redacted]y", "abc"],
    n: 1,
    z: null,
  });
  const long = "hunter2".repeat(200_000);
  expect(redactor.text(long).replaceAll("[redacted]", "")).toBe("");
});
