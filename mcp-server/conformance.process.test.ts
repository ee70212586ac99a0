import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningServer, startServer } from "#edge/local/server";
import { startProxy } from "./conformance/proxy.fixture.ts";
import { startFixture } from "./conformance/server.fixture.ts";
import { startDriver } from "./conformance/gateway-client.fixture.ts";
import { type Revision, runClientSuite, runSuite } from "./conformance/suite.fixture.ts";

const folder = mkdtempSync(path.join(tmpdir(), "aerostack-conformance-"));
const stops: (() => Promise<void>)[] = [];
/** Where the suite goes, credential included. */
const targets = { mcp: "", workspace: "" };
/** Where the suite tells what its next server is. */
let driver: string;

/** One workspace in front of the suite's fixture, whose tools keep their names. */
async function shareFixture(server: RunningServer, fixture: string): Promise<string> {
  const client = new Client({ name: "conformance", version: "1.0.0" });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), {
      requestInit: { headers: { Authorization: `Bearer ${server.accountKey}` } },
    }),
  );
  const call = async (name: string, input: Record<string, unknown>) => {
    const result = await client.callTool({ name, arguments: input });
    expect(result.isError, JSON.stringify(result.content)).toBeFalsy();
    return result.structuredContent as Record<string, unknown>;
  };
  const workspace = "conformance";
  await call("create_workspace", { slug: workspace });
  const link = await call("connect_mcp", { workspace, alias: "", url: fixture });
  expect(link["state"]).toBe("ready");
  const { token } = await call("issue_token", {
    workspace,
    member: "suite",
    role: "admin",
    inline: true,
  });
  await client.close();
  return String(token);
}

beforeAll(async () => {
  const server = await startServer({ dataFolder: folder, allowHosts: "127.0.0.1:*,localhost:*" });
  const fixture = await startFixture();
  const token = await shareFixture(server, fixture.url);
  const mcp = await startProxy(`${server.url}/mcp`, server.accountKey);
  const workspace = await startProxy(`${server.url}/ws/conformance`, token);
  Object.assign(targets, { mcp: mcp.url, workspace: workspace.url });
  const client = await startDriver(server);
  driver = client.url;
  for (const one of [client, mcp, workspace, fixture, server]) stops.push(() => one.stop());
});

afterAll(async () => {
  for (const stop of stops) await stop();
  rmSync(folder, { recursive: true, force: true });
});

const runs: [keyof typeof targets, Revision][] = [
  ["mcp", "2026-07-28"],
  ["mcp", "2025-11-25"],
  ["workspace", "2026-07-28"],
  ["workspace", "2025-11-25"],
];

it.each(runs)(
  "%s does what MCP %s requires, but for what its baseline explains",
  async (target, revision) => {
    const { exitCode, output } = await runSuite(
      targets[target],
      revision,
      `${target}-${revision}.yml`,
    );
    expect(exitCode, output.slice(output.indexOf("=== SUMMARY"))).toBe(0);
  },
  180_000,
);

it.each<Revision>(["2026-07-28", "2025-11-25"])(
  "the gateway does as a client what MCP %s requires, but for what its baseline explains",
  async (revision) => {
    const { exitCode, output } = await runClientSuite(driver, revision, `client-${revision}.yml`);
    expect(exitCode, output).toBe(0);
  },
  240_000,
);

it("fails when a baseline excuses what passes", async () => {
  const { exitCode, output } = await runSuite(targets.mcp, "2026-07-28", "stale.fixture.yml");
  expect(exitCode).toBe(1);
  expect(output).toMatch(/stale/i);
}, 180_000);
