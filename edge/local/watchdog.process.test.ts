import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Env } from "#edge/env";
import { compile } from "#edge/isolates/bundle";
import { forwarded } from "#edge/isolates/forwarded";
import { defaultLimits, type IsolateGrant } from "#edge/isolates/isolate";
import { createOrder } from "#edge/isolates/order";
import { createSandboxPlace } from "#edge/isolates/sandbox-place";
import { isRunning } from "#edge/local/processes";
import { type Sandbox, superviseSandbox } from "#edge/local/watchdog";

/** The real sandbox process and its watchdog; this test stands where the platform would. */
const keys = JSON.stringify({ current: "k1", keys: { k1: "A".repeat(43) + "=" } });
const env = { AEROSTACK_MASTER_KEYS: keys } as Env;
const grant: IsolateGrant = { workspaceId: "wks_1", egress: [], secrets: [], mode: "live" };
const key = "key-of-this-test";
const egressSaw: Record<string, string | string[] | undefined>[] = [];
const egress = createServer((request, response) => {
  egressSaw.push(request.headers);
  response.end("from the platform");
});
let sandbox: Sandbox;

beforeAll(async () => {
  await new Promise<void>((resolve) => egress.listen(0, "127.0.0.1", resolve));
  const egressPort = (egress.address() as AddressInfo).port;
  const settings = { egressPort, key, allowHosts: "", log: () => undefined };
  sandbox = await superviseSandbox(settings, () => undefined);
});

afterAll(async () => {
  const pid = sandbox.pid();
  await sandbox.stop();
  egress.close();
  expect(isRunning(pid)).toBe(false);
});

async function call(source: string, input: unknown = {}, repeatable = true) {
  const code = await compile(source);
  const order = await createOrder(env, { code, grant, limits: defaultLimits, now: Date.now() });
  const { signal } = new AbortController();
  const binding = {
    fetch: (url: string, init: RequestInit) =>
      fetch(url.replace("http://sandbox", `http://127.0.0.1:${sandbox.port}`), init),
  } as unknown as Fetcher;
  return createSandboxPlace(binding, key).call({ order, code, input, repeatable, signal });
}

const double = "export default (n) => n * 2";

it("runs a function in the sandbox process, also when it is known there already", async () => {
  expect(await call(double, 21)).toMatchObject({ ok: true, json: "42" });
  expect(await call(double, 4)).toMatchObject({ ok: true, json: "8" });
});

it("sends what the function fetches to the platform, with key and ticket and nothing else to go by", async () => {
  const source = `export default async () => (await fetch("https://api.example.com/x?y=1")).text()`;
  expect(await call(source)).toMatchObject({ ok: true, json: '"from the platform"' });
  expect(egressSaw.at(-1)).toMatchObject({
    [forwarded.key]: key,
    [forwarded.url]: "https://api.example.com/x?y=1",
  });
});

it("gives a function no sockets, no key and no settings beside its handles", async () => {
  const source = `import net from "node:net";
    export default async () => {
      const outcome = await new Promise((resolve) => {
        const socket = net.connect(${(egress.address() as AddressInfo)?.port ?? 80}, "127.0.0.1");
        socket.on("error", () => resolve("refused")).on("connect", () => resolve("connected"));
      });
      return [outcome, Object.keys(process.env)];
    }`;
  expect(await call(source)).toMatchObject({ ok: true, json: '["refused",["SECRETS"]]' });
});

it("ends a function that loops for ever with a clear error, and the next call works", async () => {
  const before = sandbox.pid();
  await expect(call("export default () => { for (;;); }")).rejects.toMatchObject({
    code: "code.time-limit",
  });
  expect(await call(double, 1)).toMatchObject({ ok: true, json: "2" });
  expect(sandbox.pid()).not.toBe(before);
});

it("ends a function that allocates without end with a clear error, and the next call works", async () => {
  const source =
    "export default () => { const all = []; for (;;) all.push(new Array(10_000).fill(all.length)); }";
  await expect(call(source)).rejects.toMatchObject({ code: "code.memory-limit" });
  expect(await call(double, 2)).toMatchObject({ ok: true, json: "4" });
});

it("makes the calls beside a runaway one again where that is safe, and names the guilty one", async () => {
  const slow = `export default async (n) => { await new Promise((r) => setTimeout(r, 300)); return n; }`;
  const beside = [1, 2, 3].map((n) => call(slow, n));
  const unsafe = call(slow, 4, false).catch((error: unknown) => error);
  const guilty = call("export default () => { for (;;); }").catch((error: unknown) => error);
  expect((await Promise.all(beside)).map((answer) => answer.ok)).toEqual([true, true, true]);
  expect(await unsafe).toMatchObject({ code: "code.interrupted", retryAfterMs: 500 });
  expect(await guilty).toMatchObject({ code: "code.time-limit" });
});
