import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { freePort, whenReady } from "#evals/bench/program";
import { type Contender, type Kind, stepsOf } from "../contender.ts";
import { checkAnswer, nextNumber, post } from "../request.ts";
import { startPostgres } from "./postgres.ts";
import type { Site } from "./site.ts";

const version = "2.41.0";
const packages = [`n8n@${version}`];
/** Of 20 ms, until it is up: it takes its time. */
const attempts = 6_000;

/** One of its packages is not on npm in the version that it asks for. */
const manifest = { private: true, overrides: { xlsx: "0.18.5" } };

/** n8n in one process with a PostgreSQL of its own, what every node answered saved when it has. */
export async function startN8n(site: Site): Promise<Contender> {
  await mkdir(site.folder, { recursive: true });
  await writeFile(path.join(site.folder, "package.json"), JSON.stringify(manifest));
  const postgres = await startPostgres(site, packages);
  const port = await freePort();
  const command = path.join(site.folder, "node_modules/n8n/bin/n8n");
  const env = {
    ...settings,
    ...databaseOf(postgres.url),
    N8N_PORT: String(port),
    N8N_RUNNERS_BROKER_PORT: String(await freePort()),
    N8N_USER_FOLDER: site.folder,
  };
  await publish(site, command, env);
  const what = `n8n ${version}, ${postgres.what}`;
  const args = [command, "start"];
  const program = site.program({ name: what, file: process.execPath, args, env });
  const order = (kind: Kind, n: number, run: string) =>
    post(`http://127.0.0.1:${port}/webhook/${kind}`, {}, { output: { n }, run });
  const begin = async () => {
    program.start();
    // Its health says yes before its webhooks are there.
    await whenReady(async () => checkAnswer(await order("ten", 0, "ready"), 0), what, attempts);
  };
  await begin();
  return {
    what,
    async run(kind) {
      const n = nextNumber();
      checkAnswer(await order(kind, n, `run-${n}`), n);
    },
    async begin(run) {
      // It answers at the end only; who asks goes down with it.
      order("effects", 0, run).catch(() => undefined);
    },
    pids: () => [program.pid, ...postgres.pids()],
    async kill() {
      await program.kill();
      await begin();
    },
    stop: () => site.clear(),
  };
}

/** Nothing that calls home, and nothing that is not part of running workflows. */
const settings = {
  N8N_LISTEN_ADDRESS: "127.0.0.1",
  N8N_DIAGNOSTICS_ENABLED: "false",
  N8N_VERSION_NOTIFICATIONS_ENABLED: "false",
  N8N_TEMPLATES_ENABLED: "false",
  N8N_PUBLIC_API_DISABLED: "true",
  N8N_COMMUNITY_PACKAGES_ENABLED: "false",
  N8N_SECURE_COOKIE: "false",
  N8N_LOG_LEVEL: "error",
  EXECUTIONS_DATA_SAVE_ON_PROGRESS: "true",
};

function databaseOf(url: string) {
  const { port, username, password } = new URL(url);
  return {
    DB_TYPE: "postgresdb",
    DB_POSTGRESDB_HOST: "127.0.0.1",
    DB_POSTGRESDB_PORT: port,
    DB_POSTGRESDB_USER: username,
    DB_POSTGRESDB_PASSWORD: password,
    DB_POSTGRESDB_DATABASE: "postgres",
  };
}

/** Its commands put workflows into the database and make their webhooks answer from the next start on. */
async function publish(site: Site, command: string, env: Readonly<Record<string, string>>) {
  const file = path.join(site.folder, "workflows.json");
  const workflows = workflowsFor(site.witness);
  await writeFile(file, JSON.stringify(workflows));
  const call = (...args: string[]) =>
    promisify(execFile)(process.execPath, [command, ...args], { env: { ...process.env, ...env } });
  await call("import:workflow", `--input=${file}`);
  for (const { id } of workflows) await call("publish:workflow", `--id=${id}`);
}

type Edge = readonly [from: string, to: string];

function namesOf(prefix: string, kind: Kind): string[] {
  return Array.from({ length: stepsOf[kind] }, (_, at) => `${prefix}${at + 1}`);
}

function inARow(names: readonly string[]): Edge[] {
  return names.map((name, at) => [names[at - 1] ?? hook, name]);
}

/** What ends a run is its answer: nodes that do nothing hand on the request, which holds it already. */
function workflowsFor(witness: string) {
  const [steps, branches] = [namesOf("s", "ten"), namesOf("b", "fan")];
  const act = (name: string) => {
    const url = `=http://${witness}/{{ $('${hook}').item.json.body.run }}/${name}`;
    return node(name, "httpRequest", { version: 4.2, method: "PUT", url, options: {} });
  };
  const jsonOutput = `={{ { output: $('${hook}').item.json.body.output } }}`;
  const answer = node("answer", "set", { version: 3.4, mode: "raw", jsonOutput, options: {} });
  const acts = namesOf("s", "effects");
  return [
    workflow(
      "ten",
      steps.map((name) => node(name, "noOp")),
      inARow(steps),
    ),
    workflow(
      "fan",
      branches.map((name) => node(name, "noOp")),
      branches.map((name) => [hook, name]),
    ),
    workflow("effects", [...acts.map(act), answer], inARow([...acts, answer.name])),
  ];
}

const hook = "hook";

function node(
  name: string,
  type: string,
  { version: typeVersion = 1, ...parameters }: Parameters = {},
) {
  return {
    id: name,
    name,
    type: `n8n-nodes-base.${type}`,
    typeVersion,
    position: [0, 0],
    parameters,
  };
}

interface Parameters {
  readonly version?: number;
  readonly [name: string]: unknown;
}

function workflow(kind: Kind, nodes: readonly ReturnType<typeof node>[], edges: readonly Edge[]) {
  const options = { httpMethod: "POST", path: kind, responseMode: "lastNode", options: {} };
  const entry = { ...node(hook, "webhook", { version: 2, ...options }), webhookId: `hook-${kind}` };
  const connections: Record<string, { main: { node: string; type: string; index: number }[][] }> =
    {};
  for (const [from, to] of edges) {
    connections[from] ??= { main: [[]] };
    connections[from].main[0]?.push({ node: to, type: "main", index: 0 });
  }
  const saved = {
    executionOrder: "v1",
    saveExecutionProgress: true,
    saveDataSuccessExecution: "all",
  };
  return {
    id: kind,
    name: kind,
    active: false,
    nodes: [entry, ...nodes],
    connections,
    settings: saved,
  };
}
