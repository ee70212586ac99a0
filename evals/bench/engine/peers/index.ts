import path from "node:path";
import type { Contender } from "../contender.ts";
import { startMastra } from "./mastra.ts";
import { startRestate } from "./restate.ts";

/** Engines that npm alone installs and that start without an account, a download or a database server. */
const peers: Readonly<Record<string, (folder: string, witness: string) => Promise<Contender>>> = {
  restate: startRestate,
  mastra: startMastra,
};

/** Installs and starts them one after the other; `started` is told of each, so that it can end it. */
export async function startPeers(
  folder: string,
  witness: string,
  started: (peer: Contender) => void,
): Promise<void> {
  for (const [name, start] of Object.entries(peers)) {
    started(await start(path.join(folder, name), witness));
  }
}
