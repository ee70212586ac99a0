import path from "node:path";
import { build } from "esbuild";
import type { V4MiniflareOptions } from "miniflare";
import { BugError } from "#blueprints/error";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "#edge/local/miniflare";
import { childWith } from "#edge/local/processes";
import { send } from "../http-client.ts";
import { freePort, whenReady } from "../program.ts";
import type { Contender } from "./contender.ts";
import { checkAnswer, nextNumber, post, withoutWaiting } from "./request.ts";

/** `floor-worker.ts` on the workerd that the platform runs on, with its data on disk too. */
export async function startFloor(folder: string, witness: string): Promise<Contender> {
  const port = await freePort();
  const worker = {
    name: "floor",
    modules: [{ type: "ESModule", path: "floor.js", contents: await compile() }],
    compatibilityDate: "2026-08-01",
    bindings: { WITNESS: witness },
    durableObjects: { RUN: { className: "Run", useSQLite: true } },
    unsafeDirectSockets: [{ host: "127.0.0.1", port }],
  };
  const shared = {
    host: "127.0.0.1",
    port: 0,
    log: new Log(LogLevel.NONE),
    resourcePersistencePath: folder,
    unsafeRuntimeEnv: { BENCH_FLOOR: String(port) },
    unsafeHandleRuntimeRestart: () => undefined,
    handleStructuredLogs: () => undefined,
  };
  const v4 = { ...shared, workers: [worker] } as unknown as V4MiniflareOptions;
  const platform = new Miniflare(convertV4MiniflareOptions(v4));
  await platform.ready;
  const url = `http://127.0.0.1:${port}`;
  const pid = () => childWith(`BENCH_FLOOR=${port}`, "workerd") ?? 0;
  return {
    what: "bare Durable Object",
    async run(kind) {
      const n = nextNumber();
      checkAnswer(await post(`${url}/${kind}/run-${n}`, {}, { n }), n);
    },
    async begin(run) {
      await post(`${url}/effects/${run}`, withoutWaiting, { n: 0 });
    },
    pids: () => [pid()],
    async kill() {
      if (pid() === 0) throw new BugError("bench.no-process", "The floor's process was not found.");
      process.kill(pid(), "SIGKILL");
      await whenReady(() => send(url, {}), "The floor");
    },
    stop: () => platform.dispose(),
  };
}

async function compile(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path.join(import.meta.dirname, "floor-worker.ts")],
    bundle: true,
    format: "esm",
    target: "esnext",
    external: ["cloudflare:*"],
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}
