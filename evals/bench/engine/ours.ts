import { type RunningServer, startServer } from "#edge/local/server";
import { connect } from "#evals/harness/client";
import { send } from "../http-client.ts";
import { whenReady } from "../program.ts";
import { type Contender, stepsOf } from "./contender.ts";
import { checkAnswer, nextNumber, post, withoutWaiting } from "./request.ts";

export interface Ours extends Contender {
  /** Ten steps started by who owns the account, whose key is looked up elsewhere. */
  runAsOwner(): Promise<void>;
  /** A request that does nothing. */
  health(): Promise<unknown>;
}

/** The product with everything on: a member's token, a published endpoint, history, traces, limits. */
export async function startOurs(dataFolder: string, witness: string): Promise<Ours> {
  const server = await startServer({ dataFolder, allowHosts: witness });
  const token = await deploy(server, witness);
  const member = bearerOf(token);
  const call = async (name: string, headers: Record<string, string>) => {
    const n = nextNumber();
    checkAnswer(await post(`${server.url}/e/bench/${name}`, headers, { n, run: `run-${n}` }), n);
  };
  return {
    what: "aerostack",
    run: (kind) => call(kind, member),
    runAsOwner: () => call("ten", bearerOf(server.accountKey)),
    health: () => send(`${server.url}/healthz`, {}),
    async begin(run) {
      const headers = { ...member, ...withoutWaiting };
      await post(`${server.url}/e/bench/effects`, headers, { n: 0, run });
    },
    pids: () => [server.platformPid, server.sandboxPid],
    async kill() {
      process.kill(server.platformPid, "SIGKILL");
      await whenReady(() => send(`${server.url}/healthz`, {}), "The platform");
    },
    stop: () => server.stop(),
  };
}

function bearerOf(credential: string) {
  return { Authorization: `Bearer ${credential}` };
}

/** Deploys the workflows and their endpoints to a new workspace; answers a member's token. */
async function deploy({ url, accountKey }: RunningServer, witness: string): Promise<string> {
  const agent = await connect(`${url}/mcp`, accountKey, "2.x");
  try {
    const blueprint = blueprintOf(witness);
    const created = await agent.must("create", { blueprint, workspace: "bench" });
    const resources = (created["resources"] as { id: string }[]).map(({ id }) => id);
    await agent.must("deploy", { resources });
    const member = { workspace: "bench", member: "bench", role: "developer", inline: true };
    const issued = await agent.must("issue_token", member);
    return String(issued["token"]);
  } finally {
    await agent.close();
  }
}

function blueprintOf(witness: string) {
  const workflows = [tenSteps(), fanOut(), effects(witness)];
  const endpoints = workflows.map(({ name }) => ({ name, workflow: name }));
  return { name: "bench", egress: [witness], workflows, endpoints };
}

const start = { id: "start", type: "trigger", config: { source: "endpoint" } };
const setN = { type: "action", config: { set: { name: "n", value: "{{ input.n }}" } } };
const idsOf = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);
const inARow = (ids: readonly string[]) =>
  ids.map((id, index) => ({ from: ids[index - 1] ?? "start", to: id }));

function tenSteps() {
  const ids = idsOf("s", stepsOf.ten);
  const nodes = [start, ...ids.map((id) => ({ id, ...setN }))];
  return { name: "ten", nodes, edges: inARow(ids), output: { n: "{{ vars.n }}" } };
}

function fanOut() {
  const branches = idsOf("b", stepsOf.fan);
  return {
    name: "fan",
    nodes: [
      start,
      { id: "all", type: "parallel", config: { branches } },
      ...branches.map((name) => ({ id: `in_${name}`, ...setN })),
      { id: "joined", ...setN },
    ],
    edges: [
      { from: "start", to: "all" },
      ...branches.map((name) => ({ from: "all", port: name, to: `in_${name}` })),
      { from: "all", port: "joined", to: "joined" },
    ],
    output: { n: "{{ vars.n }}" },
  };
}

function effects(witness: string) {
  const ids = idsOf("s", stepsOf.effects);
  const act = (id: string) => ({
    id,
    type: "action",
    config: { method: "PUT", url: `http://${witness}/{{ input.run }}/${id}` },
  });
  const output = { n: "{{ input.n }}" };
  return { name: "effects", nodes: [start, ...ids.map(act)], edges: inARow(ids), output };
}
