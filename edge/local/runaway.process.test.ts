import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningServer, startServer } from "#edge/local/server";

/** Functions that misbehave, from a client's side: over the wire, in both processes. */
const folder = mkdtempSync(path.join(tmpdir(), "aerostack-test-"));
const client = new Client({ name: "runaway-test", version: "1.0.0" });
let server: RunningServer;

const functions = {
  double: "export default async ({ n }: { n: number }) => ({ twice: n * 2 })",
  spin: "export default async () => { for (;;); }",
  fill: "export default () => { const all = []; for (;;) all.push(new Array(10_000).fill(all.length)); }",
  large: `export default () => "x".repeat(50_000_000)`,
  throws: `export default () => { throw new RangeError("too far"); }`,
  metadata: `export default async () => (await fetch("http://169.254.169.254/latest/")).text()`,
  forbidden: `export default async () => (await fetch("https://example.org/")).text()`,
};

beforeAll(async () => {
  server = await startServer({ port: 0, dataFolder: path.join(folder, "data") });
  const headers = { authorization: `Bearer ${server.accountKey}` };
  const url = new URL(`${server.url}/mcp`);
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
  const blueprint = {
    aerostack: "v1",
    name: "runaway",
    functions: Object.entries(functions).map(([name, code]) => ({ name, code })),
  };
  const created = await client.callTool({
    name: "create",
    arguments: { blueprint, workspace: "runaway" },
  });
  expect(created.isError, JSON.stringify(created.content)).toBeFalsy();
  for (const { id, name } of (created.structuredContent as Created).resources) ids.set(name, id);
});

afterAll(async () => {
  await client.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Created {
  resources: { id: string; name: string }[];
}
const ids = new Map<string, string>();

async function invoke(name: keyof typeof functions, input: object = {}) {
  const result = await client.callTool({
    name: "invoke",
    arguments: { resource: ids.get(name), input },
  });
  return JSON.stringify([result.structuredContent, result.content]);
}

it("each ends as a clear error of its own call", async () => {
  expect(await invoke("throws")).toMatch(/code\.failed.*RangeError: too far \(main\.ts:1:/);
  expect(await invoke("large")).toContain("code.output-too-large");
  expect(await invoke("metadata")).toContain("egress.private-address");
  expect(await invoke("forbidden")).toContain("egress.host-not-allowed");
  expect(await invoke("double", { n: 4 })).toContain('"twice":8');
});

it.each([
  ["spin", "code.time-limit"],
  ["fill", "code.memory-limit"],
] as const)("%s: the platform answers meanwhile, and the next call works", async (name, code) => {
  const ended = new AbortController();
  const runaway = invoke(name).finally(() => ended.abort());
  let answered = 0;
  while (!ended.signal.aborted) {
    const response = await fetch(`${server.url}/healthz`, { signal: AbortSignal.timeout(5000) });
    expect(response.status).toBe(200);
    answered++;
  }
  expect(answered).toBeGreaterThan(1);
  expect(await runaway).toContain(code);
  expect(await invoke("double", { n: 21 })).toContain('"twice":42');
});
