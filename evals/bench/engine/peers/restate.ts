import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { BugError } from "#blueprints/error";
import { send } from "#evals/bench/http-client";
import { freePort, whenReady } from "#evals/bench/program";
import type { Contender } from "../contender.ts";
import { checkAnswer, nextNumber, post } from "../request.ts";
import type { Site } from "./site.ts";

const packages = ["@restatedev/restate-server@1.7.12", "@restatedev/restate-sdk@1.17.2"];

/** What its command starts: signals would not get past that. */
const binary = `@restatedev/restate-server-${process.platform}-${process.arch}`;

/** Restate's server with its log on disk, and the service that it calls. */
export async function startRestate(site: Site): Promise<Contender> {
  const { folder, witness } = site;
  await site.install(packages);
  const ports = { ingress: await freePort(), admin: await freePort(), app: await freePort() };
  const app = site.program({
    name: "Restate's service",
    file: process.execPath,
    args: [path.join(import.meta.dirname, "restate-app.ts")],
    env: { SDK_FOLDER: folder, PORT: String(ports.app), WITNESS: witness },
  });
  const server = site.program({
    name: "restate-server",
    file: path.join(folder, "node_modules", binary, "bin/restate-server"),
    args: ["--config-file", await configure(folder, ports), "--no-logo"],
    env: { RESTATE_DISABLE_TELEMETRY: "true", DO_NOT_TRACK: "1", RUST_LOG: "error" },
  });
  const ingress = `http://127.0.0.1:${ports.ingress}`;
  app.start();
  server.start();
  await whenReady(() => register(ports), "restate-server");
  return {
    what: "Restate 1.7.12",
    async run(kind) {
      const n = nextNumber();
      const headers = { "Idempotency-Key": `run-${n}` };
      checkAnswer(await post(`${ingress}/bench/${kind}`, headers, { n, run: `run-${n}` }), n);
    },
    async begin(run) {
      await post(`${ingress}/bench/effects/send`, { "Idempotency-Key": run }, { run, n: 0 });
    },
    pids: () => [server.pid, app.pid],
    async kill() {
      await Promise.all([server.kill(), app.kill()]);
      app.start();
      server.start();
      await whenReady(() => send(`http://127.0.0.1:${ports.admin}/health`, {}), "restate-server");
    },
    stop: () => site.clear(),
  };
}

type Ports = Readonly<Record<"ingress" | "admin" | "app", number>>;

async function configure(folder: string, { ingress, admin }: Ports): Promise<string> {
  const file = path.join(folder, "restate.toml");
  const base = path.join(folder, "data");
  mkdirSync(base, { recursive: true });
  const lines = [
    `base-dir = ${JSON.stringify(base)}`,
    'bind-ip = "127.0.0.1"',
    'listen-mode = "tcp"',
    `bind-port = ${await freePort()}`,
    "[admin]",
    `bind-address = "127.0.0.1:${admin}"`,
    "[ingress]",
    `bind-address = "127.0.0.1:${ingress}"`,
  ];
  writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}

/** Tells the server where the service is; fails until both are up. */
async function register({ admin, app }: Ports): Promise<void> {
  const uri = `http://127.0.0.1:${app}`;
  const answer = await post(`http://127.0.0.1:${admin}/deployments`, {}, { uri });
  if (!answer.includes('"bench"')) throw new BugError("bench.peer", answer.slice(0, 300));
}
