import path from "node:path";
import type { BenchOptions } from "#evals/bench/bench";
import { type Contender, kinds } from "../contender.ts";
import { startDbos } from "./dbos.ts";
import { startLangGraph } from "./langgraph.ts";
import { startMastra } from "./mastra.ts";
import { startN8n } from "./n8n.ts";
import { startRestate } from "./restate.ts";
import { Site } from "./site.ts";

/** Engines that npm alone installs and that start without an account. */
const usual: Peers = {
  restate: startRestate,
  mastra: startMastra,
  dbos: startDbos,
  langgraph: startLangGraph,
};

type Peers = Readonly<Record<string, (site: Site) => Promise<Contender>>>;

export function wantedPeers({ peers, n8n }: BenchOptions): Peers {
  return { ...(peers ? usual : {}), ...(n8n ? { n8n: startN8n } : {}) };
}

/**
 * Installs and starts them one after the other; `started` is told of each, so that it can end it. One
 * that does not start, or does no run, is left out, and why is printed.
 */
export async function startPeers(
  { folder, witness }: { readonly folder: string; readonly witness: string },
  peers: Peers,
  started: (peer: Contender) => void,
): Promise<void> {
  for (const [name, start] of Object.entries(peers)) {
    const site = new Site(path.join(folder, name), witness);
    try {
      const peer = await start(site);
      for (const kind of kinds) await peer.run(kind);
      started(peer);
    } catch (error) {
      await site.clear();
      // What npm says goes on for a page; why is in the second line.
      const reason = error instanceof Error ? error.message : String(error);
      console.log(`${name} is left out: ${reason.split("\n").slice(0, 2).join(" ")}`);
    }
  }
}
