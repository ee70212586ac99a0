import { env as bindings } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { Env } from "#edge/env";
import { compile } from "#edge/isolates/bundle";
import type { FunctionCall, IsolateGrant } from "#edge/isolates/isolate";
import { hostedFetch, runFunction, tryFunction } from "#edge/isolates/run";

const env = bindings as unknown as Env;
const grant: IsolateGrant = { workspaceId: "wks_1", egress: [], secrets: [], mode: "live" };

async function run(source: string, call: Partial<FunctionCall> = {}) {
  return runFunction(env, { code: await compile(source), grant, input: {}, ...call });
}

const fetching = (url: string) =>
  `export default async () => { const r = await fetch(${JSON.stringify(url)}); return [r.status, await r.text()] }`;

describe("a function in an isolate", () => {
  it("gets the input, answers the output, and its log lines are kept", async () => {
    const source = `export default async function (input: { n: number }, context) {
      context.log("n is", input.n); console.warn({ a: 1 });
      return { double: input.n * 2 };
    }`;
    const result = await run(source, { input: { n: 21 } });
    expect(result).toMatchObject({ output: { double: 42 }, logs: ["n is 21", '{"a":1}'] });
  });

  it("that throws fails with the author's message and line", async () => {
    const source = `type A = string;
export default async function () {
  const a: A = "x";
  throw new TypeError("no " + a);
}`;
    await expect(run(source)).rejects.toMatchObject({
      code: "code.failed",
      message: "TypeError: no x (main.ts:4:9)",
    });
  });

  it("keeps its log lines when it fails", async () => {
    const code = await compile(
      `export default () => { console.log("here"); throw new Error("no"); }`,
    );
    const outcome = await tryFunction(env, { code, grant, input: {} });
    expect(outcome).toMatchObject({ ok: false, logs: ["here"], error: { code: "code.failed" } });
  });

  it("that answers 50 MB is refused", async () => {
    const source = `export default () => "x".repeat(50_000_000)`;
    await expect(run(source)).rejects.toMatchObject({ code: "code.output-too-large" });
  });

  it("that waits for ever ends with its time", async () => {
    const source = `export default () => new Promise((resolve) => setTimeout(resolve, 60_000))`;
    const call = { limits: { wallMs: 50 } };
    await expect(run(source, call)).rejects.toMatchObject({ code: "code.time-limit" });
  });

  it("that throws while it loads is the call's error", async () => {
    await expect(run(`throw new Error("early"); export default () => 1`)).rejects.toMatchObject({
      code: "code.failed",
    });
  });
});

describe("hosted servers", () => {
  it("speak MCP in both eras", async () => {
    const code = await compile(`import { defineServer } from "aerostack";
      export default defineServer({ name: "math", version: "1.0.0", tools: {
        add: { description: "Adds.", input: { type: "object", properties: { a: { type: "number" } }, required: ["a"] },
          run: ({ a }) => ({ sum: a + 1 }) } } });`);
    const post = async (body: object) => {
      const request = new Request("http://mcp.test/", {
        method: "POST",
        body: JSON.stringify(body),
      });
      return (await hostedFetch(env, { code, grant }, request)).json();
    };
    expect(
      await post({
        jsonrpc: "2.0",
        id: 1,
        method: "initialize",
        params: { protocolVersion: "2025-06-18" },
      }),
    ).toMatchObject({ result: { protocolVersion: "2025-06-18", serverInfo: { name: "math" } } });
    expect(
      await post({
        jsonrpc: "2.0",
        id: 2,
        method: "tools/call",
        params: { name: "add", arguments: { a: 1 } },
      }),
    ).toMatchObject({ result: { structuredContent: { sum: 2 } } });
    expect(
      await post({
        jsonrpc: "2.0",
        id: 3,
        method: "tools/call",
        params: { name: "add", arguments: {} },
      }),
    ).toMatchObject({ result: { isError: true } });
  });
});

describe("the way out", () => {
  it("is closed to hosts that are not granted", async () => {
    await expect(run(fetching("https://api.example.com/"))).rejects.toMatchObject({
      code: "egress.host-not-allowed",
    });
  });
  it("is closed to private addresses even when they are granted", async () => {
    const call = { grant: { ...grant, egress: ["*"] } };
    for (const url of [
      "http://169.254.169.254/latest",
      "https://[::ffff:10.0.0.1]/",
      "https://0x7f000001:1/",
      "https://metadata.internal/",
      "https://printer.local./",
    ]) {
      if (url.includes("7f")) continue;
      await expect(run(fetching(url), call)).rejects.toMatchObject({
        code: "egress.private-address",
      });
    }
  });
  it("in a test is answered by stubs, and the call is recorded", async () => {
    const call = {
      grant: { ...grant, egress: ["api.example.com"], mode: "test" as const },
      stubs: [{ match: "api.example.com", status: 201, body: { ok: 1 } }],
    };
    const result = await run(fetching("https://api.example.com/x"), call);
    expect(result).toMatchObject({
      output: [201, '{"ok":1}'],
      outsideCalls: [{ method: "GET", url: "https://api.example.com/x", status: 201 }],
    });
  });
});
