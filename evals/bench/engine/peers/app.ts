import path from "node:path";
import { send } from "#evals/bench/http-client";
import { freePort, whenReady } from "#evals/bench/program";
import type { Contender } from "../contender.ts";
import { checkAnswer, nextNumber, post, withoutWaiting } from "../request.ts";
import type { Site } from "./site.ts";

export interface App {
  readonly what: string;
  /** The file in this folder that it runs; it serves with `serveRuns`. */
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  /** Processes that it needs beside its own, and that outlive its death: a database. */
  readonly others?: () => readonly number[];
}

/** An engine that is a library, in a server of the least kind; started. */
export async function startApp(site: Site, app: App): Promise<Contender> {
  const port = await freePort();
  const program = site.program({
    name: app.what,
    file: process.execPath,
    args: [path.join(import.meta.dirname, app.script)],
    env: {
      ...app.env,
      SDK_FOLDER: site.folder,
      PORT: String(port),
      WITNESS: site.witness,
    },
  });
  const url = `http://127.0.0.1:${port}`;
  const begin = async () => {
    program.start();
    await whenReady(() => send(url, {}), app.what);
  };
  await begin();
  return {
    what: app.what,
    async run(kind) {
      const n = nextNumber();
      checkAnswer(await post(`${url}/${kind}/run-${n}`, {}, { n }), n);
    },
    async begin(run) {
      await post(`${url}/effects/${run}`, withoutWaiting, { n: 0 });
    },
    pids: () => [program.pid, ...(app.others?.() ?? [])],
    async kill() {
      await program.kill();
      await begin();
    },
    stop: () => site.clear(),
  };
}
