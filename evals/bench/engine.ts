import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { UpstreamError } from "#blueprints/error";
import { startServer } from "#edge/local/server";
import { connect } from "../harness/client.ts";
import { type BenchTable, middle, time, type Timing } from "./bench.ts";

const targetMilliseconds = 5;
const rounds = 3;
const steps = 10;
/** Milliseconds after which a call has failed, so that one without an answer ends the bench. */
const patience = 10_000;

/** A workflow of ten steps behind an agent endpoint, against a request that does nothing. */
export async function benchEngine(): Promise<BenchTable> {
  const dataFolder = await mkdtemp(path.join(tmpdir(), "aerostack-bench-"));
  const server = await startServer({ dataFolder });
  try {
    const token = await deployTen(server.url, server.accountKey);
    const url = `${server.url}/e/bench/ten`;
    const member = () => callEndpoint(url, token);
    const owner = () => callEndpoint(url, server.accountKey);
    const health = () => fetchInTime(`${server.url}/healthz`).then((one) => one.text());
    const timings: Record<"floor" | "member" | "owner" | "busy", Timing[]> = {
      floor: [],
      member: [],
      owner: [],
      busy: [],
    };
    for (let round = 0; round < rounds; round++) {
      timings.floor.push(await time(health, { count: 150 }));
      timings.member.push(await time(member, { count: 100 }));
      timings.owner.push(await time(owner, { count: 50 }));
      timings.busy.push(await time(member, { count: 200, warmup: 0, concurrency: 16 }));
    }
    const [floor, alone] = [middle(timings.floor), middle(timings.member)];
    return {
      title: `a durable run of ${steps} pure steps, answered over HTTP`,
      rows: [
        { what: "GET /healthz", ...floor },
        { what: "POST /e, member token", ...alone, ratio: alone.p50 / floor.p50 },
        { what: "POST /e, account key", ...middle(timings.owner) },
        { what: "POST /e, member token, 16 at once", ...middle(timings.busy) },
      ],
      targets: [
        {
          target: `p50 under ${targetMilliseconds} ms on an idle machine`,
          reached: `${alone.p50.toFixed(2)} ms`,
          met: alone.p50 < targetMilliseconds,
        },
      ],
    };
  } finally {
    await server.stop();
    await rm(dataFolder, { recursive: true, force: true });
  }
}

/** Deploys the workflow and its endpoint to a new workspace; answers a member's token. */
async function deployTen(base: string, key: string): Promise<string> {
  const ids = Array.from({ length: steps }, (_, index) => `step_${index + 1}`);
  const blueprint = {
    name: "ten",
    workflows: [
      {
        name: "ten",
        nodes: [
          { id: "start", type: "trigger", config: { source: "endpoint" } },
          ...ids.map((id) => ({
            id,
            type: "action",
            config: { set: { name: "n", value: "{{ input.n }}" } },
          })),
        ],
        edges: ids.map((id, index) => ({ from: ids[index - 1] ?? "start", to: id })),
        output: { n: "{{ vars.n }}" },
      },
    ],
    endpoints: [{ name: "ten", workflow: "ten" }],
  };
  const agent = await connect(`${base}/mcp`, key, "2.x");
  try {
    const created = await agent.must("create", { blueprint, workspace: "bench" });
    const resources = (created["resources"] as { id: string }[]).map(({ id }) => id);
    await agent.must("deploy", { resources });
    const issued = await agent.must("issue_token", {
      workspace: "bench",
      member: "bench",
      role: "developer",
      inline: true,
    });
    return String(issued["token"]);
  } finally {
    await agent.close();
  }
}

let next = 1;

/** One run, its answer checked: a bench of errors would be fast. */
async function callEndpoint(url: string, credential: string): Promise<void> {
  const n = next++;
  const response = await fetchInTime(url, {
    method: "POST",
    headers: { Authorization: `Bearer ${credential}`, "Content-Type": "application/json" },
    body: JSON.stringify({ n }),
  });
  const text = await response.text();
  if (!text.includes(`"output":{"n":${n}}`)) {
    throw new UpstreamError("bench.wrong-answer", `The run answered: ${text}`);
  }
}

function fetchInTime(url: string, init: RequestInit = {}): Promise<Response> {
  return fetch(url, { ...init, signal: AbortSignal.timeout(patience) });
}
