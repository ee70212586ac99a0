import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningServer, startServer } from "#edge/local/server";

/**
 * A sender that has saved up 1,000 events, and a receiver that honours idempotency keys. It closes
 * idle connections after seconds, as servers do, and a busy runtime may send on one that is closing:
 * such a request has no known outcome and is sent again, because the workflow says `retry`.
 */
const burst = 1_000;
const received = new Map<string, number>();
const receiver = createServer((request, response) => {
  let text = "";
  request.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  request.on("end", () => {
    const { n } = JSON.parse(text) as { n: number };
    received.set(String(request.headers["idempotency-key"]), n);
    response.end("{}");
  });
});

interface Accepted {
  readonly run_id?: string;
}

let folder = "";
let server: RunningServer | undefined;
let hook = "";

beforeAll(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  folder = await mkdtemp(path.join(tmpdir(), "aerostack-test-"));
  server = await startServer({ port: 0, dataFolder: folder, allowHosts: "127.0.0.1:*" });
  hook = await deployHook(server, host);
});

afterAll(async () => {
  await server?.stop();
  receiver.closeAllConnections();
  receiver.close();
  await rm(folder, { recursive: true, force: true });
});

/** A webhook whose workflow hands each delivery on; answers its address. */
async function deployHook({ url, accountKey }: RunningServer, host: string): Promise<string> {
  const client = new Client({ name: "burst-test", version: "1.0.0" });
  const headers = { authorization: `Bearer ${accountKey}` };
  const requestInit = { headers };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit }));
  const blueprint = {
    name: "burst",
    egress: [host],
    workflows: [
      {
        name: "forward",
        nodes: [
          { id: "start", type: "trigger", config: { source: "webhook" } },
          {
            id: "send",
            type: "action",
            on_uncertain: "retry",
            config: { method: "POST", url: `http://${host}/`, body: { n: "{{ input.n }}" } },
          },
        ],
        edges: [{ from: "start", to: "send" }],
      },
    ],
    webhooks: [{ name: "events", workflow: "forward", sender: "token" }],
  };
  const call = async (name: string, args: Record<string, unknown>) => {
    const { structuredContent, content, isError } = await client.callTool({
      name,
      arguments: args,
    });
    expect(isError, JSON.stringify(content)).toBeFalsy();
    return structuredContent as { resources: { id: string; urls?: Record<string, string> }[] };
  };
  const { resources } = await call("create", { blueprint, workspace: "burst" });
  const deployed = await call("deploy", { resources: resources.map(({ id }) => id) });
  await client.close();
  const urls = deployed.resources.flatMap((one) => Object.values(one.urls ?? {}));
  return urls.find((one) => one.includes("/hooks/")) ?? "";
}

it("of a burst of 1,000 deliveries every one is accepted and acted on, once", async () => {
  const numbers = Array.from({ length: burst }, (_, n) => n);
  const answers = await Promise.all(
    numbers.map(async (n) => {
      const response = await fetch(hook, { method: "POST", body: JSON.stringify({ n }) });
      const { run_id: id } = await response.json<Accepted>();
      return { status: response.status, id };
    }),
  );
  expect(answers.filter(({ status }) => status !== 202)).toEqual([]);
  await expect.poll(() => received.size, { timeout: 60_000 }).toBe(burst);
  const acted = answers.map(({ id }) => received.get(`${id}:send`));
  expect(acted).toEqual(numbers);
});
