import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startServer } from "#edge/local/server";
import { type BenchTable, time } from "./bench.ts";

const intents = [
  "score inbound leads and notify sales in Slack",
  "every morning at 8 post yesterday's orders from our API to Discord",
  "when a Stripe payment fails, write the customer an e-mail and tell #billing",
  "a tool that converts prices between currencies",
  "validate incoming records, save the good ones and log the bad ones",
];
const targetMilliseconds = 100;

/** `plan` with the embedded planner, over the wire at `/mcp`, against a request that does nothing. */
export async function benchPlan(): Promise<BenchTable> {
  const dataFolder = await mkdtemp(path.join(tmpdir(), "aerostack-bench-"));
  const server = await startServer({ port: 0, dataFolder });
  try {
    const floor = await time(() => fetch(`${server.url}/healthz`).then((one) => one.text()), {
      count: 200,
    });
    let turn = 0;
    const plan = await time(
      () => callPlan(server.url, server.accountKey, intents[turn++ % intents.length]!),
      {
        count: 100,
      },
    );
    return {
      title: "plan, embedded planner, over HTTP",
      rows: [
        { what: "GET /healthz", ...floor },
        { what: "plan", ...plan },
      ],
      targets: [
        {
          target: `plan p50 under ${targetMilliseconds} ms`,
          reached: `${plan.p50.toFixed(1)} ms`,
          met: plan.p50 < targetMilliseconds,
        },
      ],
    };
  } finally {
    await server.stop();
    await rm(dataFolder, { recursive: true, force: true });
  }
}

async function callPlan(url: string, key: string, intent: string): Promise<void> {
  const response = await fetch(`${url}/mcp`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${key}`,
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name: "plan", arguments: { intent } },
    }),
  });
  await response.text();
}
