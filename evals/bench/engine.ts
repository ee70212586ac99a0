import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { BenchOptions, BenchTable } from "./bench.ts";
import type { Contender } from "./engine/contender.ts";
import { startFloor } from "./engine/floor.ts";
import { countFsyncs } from "./engine/fsyncs.ts";
import { measureAll, unmeasured } from "./engine/measure.ts";
import { startOurs } from "./engine/ours.ts";
import { startPeers, wantedPeers } from "./engine/peers/index.ts";
import { kills, recoverOnce } from "./engine/recover.ts";
import { toTable } from "./engine/table.ts";
import { Witness } from "./engine/witness.ts";
import { closeConnections } from "./http-client.ts";

const defaultRuns = 300;

/**
 * The same durable work by the product, by the least that could do it on the same runtime and, where
 * wanted, by other engines: in turns over one machine. Then each is killed in the middle of a step.
 */
export async function benchEngine(options: BenchOptions): Promise<BenchTable> {
  const folder = await mkdtemp(path.join(tmpdir(), "aerostack-bench-"));
  const witness = new Witness();
  const contenders: Contender[] = [];
  try {
    const host = await witness.listen();
    const ours = await startOurs(path.join(folder, "ours"), host);
    contenders.push(ours);
    contenders.push(await startFloor(path.join(folder, "floor"), host));
    const site = { folder: path.join(folder, "peers"), witness: host };
    await startPeers(site, wantedPeers(options), (peer) => contenders.push(peer));
    const measured = contenders.map(unmeasured);
    const others = await measureAll(measured, ours, options.runs ?? defaultRuns);
    const fsyncs = await countFsyncs(contenders, path.join(folder, "traces"));
    for (const [at, one] of measured.entries()) one.fsyncs = fsyncs[at]!;
    for (let round = 0; round < kills; round++) {
      for (const { contender, recoveries } of measured) {
        recoveries.push(await recoverOnce(contender, witness, round));
      }
    }
    return toTable(measured, others);
  } finally {
    closeConnections();
    await Promise.all(contenders.map((one) => one.stop()));
    witness.close();
    await rm(folder, { recursive: true, force: true });
  }
}
