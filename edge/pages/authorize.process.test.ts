import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { projectFolder } from "#edge/local/build";
import { type RunningServer, startServer } from "#edge/local/server";
import { hasBrowser, launchBrowser } from "./browser.fixture.ts";

/** The sign-in as a person meets it, judged by the official suite for authorization servers. */

let server: RunningServer;
let dataFolder: string;

beforeAll(async () => {
  dataFolder = await mkdtemp(path.join(tmpdir(), "aerostack-sign-in-"));
  if (hasBrowser) server = await startServer({ dataFolder });
});

afterAll(async () => {
  await server?.stop();
  await rm(dataFolder, { recursive: true, force: true });
});

/** Runs the official suite for authorization servers; it waits for a person with a browser. */
function runSuite(issuer: string, clientId: string, resource: string, port: number): ChildProcess {
  const suite = "node_modules/@modelcontextprotocol/conformance/dist/index.js";
  const options = [`--client-id=${clientId}`, "--resource", resource, "--port", String(port)];
  return spawn(
    process.execPath,
    [path.join(projectFolder, suite), "authorization", "--url", issuer, ...options],
    { env: { ...process.env, NO_COLOR: "1" }, stdio: ["ignore", "pipe", "inherit"] },
  );
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

/** What a person does, with a browser that has no scripts and a keyboard. */
async function allowInBrowser(url: string): Promise<string> {
  const browser = await launchBrowser();
  try {
    const opened = await browser.newContext({ javaScriptEnabled: false });
    const tab = await opened.newPage();
    await tab.goto(url);
    await tab.getByLabel("key").fill(server.accountKey);
    await tab.keyboard.press("Enter");
    await tab.getByRole("button", { name: "Allow" }).click();
    await tab.waitForURL((now) => now.pathname === "/callback");
    return tab.url();
  } finally {
    await browser.close();
  }
}

it.skipIf(!hasBrowser)(
  "a person lets a client in with a browser, and the official suite is content",
  async () => {
    const issuer = `${server.url}/oauth/mcp`;
    const port = await freePort();
    const registered = await fetch(`${issuer}/register`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        client_name: "Suite",
        redirect_uris: [`http://127.0.0.1:${port}/callback`],
        token_endpoint_auth_method: "none",
      }),
    });
    const { client_id: id }: { client_id: string } = JSON.parse(await registered.text());
    const suite = runSuite(issuer, id, `${server.url}/mcp/oauth`, port);
    let output = "";
    let landed: Promise<string> | undefined;
    suite.stdout?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      const asked = /^http\S+\/authorize\?\S+$/m.exec(output)?.[0];
      if (asked && output.includes("Callback server started")) landed ??= allowInBrowser(asked);
    });
    const [exitCode] = (await once(suite, "exit")) as [number];
    expect(await landed).toContain(`iss=${encodeURIComponent(issuer)}`);
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/authorization-server-metadata-endpoint: [1-9]\d* passed, 0 failed/);
    expect(output).toMatch(/authorization-code-grant: [1-9]\d* passed, 0 failed/);
  },
  90_000,
);
