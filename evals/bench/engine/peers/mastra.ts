import path from "node:path";
import { send } from "#evals/bench/http-client";
import { freePort, installPackages, Program, whenReady } from "#evals/bench/program";
import type { Contender } from "../contender.ts";
import { checkAnswer, nextNumber, post } from "../request.ts";

const packages = ["@mastra/core@1.71.0", "@mastra/libsql@1.23.1", "zod@4.6.7"];

/** Mastra's workflows with a LibSQL file, in a server of the least kind. */
export async function startMastra(folder: string, witness: string): Promise<Contender> {
  await installPackages(folder, packages);
  const port = await freePort();
  const program = new Program({
    name: "Mastra",
    file: process.execPath,
    args: [path.join(import.meta.dirname, "mastra-app.ts")],
    env: {
      SDK_FOLDER: folder,
      PORT: String(port),
      WITNESS: witness,
      DATABASE: `file:${path.join(folder, "mastra.db")}`,
      MASTRA_TELEMETRY_DISABLED: "1",
    },
  });
  const url = `http://127.0.0.1:${port}`;
  const begin = async () => {
    program.start();
    await whenReady(() => send(url, {}), "Mastra");
  };
  await begin();
  return {
    what: "Mastra 1.71.0, LibSQL",
    async run(kind) {
      const n = nextNumber();
      checkAnswer(await post(`${url}/${kind}/run-${n}`, {}, { n }), n);
    },
    async begin(run) {
      await post(`${url}/effects/${run}`, {}, { n: 0 });
    },
    pids: () => [program.pid],
    async kill() {
      await program.kill();
      await begin();
    },
    stop: () => program.kill(),
  };
}
