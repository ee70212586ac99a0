import os from "node:os";
import { parseArgs } from "node:util";
import { runChaos } from "./chaos.ts";

/** `npm run chaos -- [--seed <n>] [--kills <n>] [--runs <n>]`; ends with 1 where a promise did not hold. */
const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    kills: { type: "string", default: "200" },
    runs: { type: "string", default: "2000" },
  },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const extent = { seed, kills: Number(values.kills), runs: Number(values.runs), isLong: true };
const machine = `${os.cpus().length} x ${os.cpus()[0]?.model ?? os.arch()}, Node ${process.version}`;
console.log(`${new Date().toISOString().slice(0, 10)}, ${machine}`);
console.log(`seed ${seed}: ${extent.kills} kills, ${extent.runs} runs`);

const begun = Date.now();
const found = await runChaos({ ...extent, log: (line) => console.log(line) });
const seconds = Math.round((Date.now() - begun) / 1000);
const lines: [string, number | string][] = [
  ["kills of workerd", found.kills.workerd],
  ["kills of the launcher with it", found.kills.group],
  ...found.counts.map(([what, count]): [string, number] => [what, count]),
  ["seconds until all were over after the last kill", ((found.endedIn ?? NaN) / 1000).toFixed(1)],
  ["seconds in all", seconds],
];
for (const [what, figure] of lines) console.log(`${what.padEnd(52)}${String(figure).padStart(9)}`);
for (const one of found.broken) console.log(`BROKEN  ${one}`);
console.log(
  found.broken.length === 0 ? "Every promise held." : `${found.broken.length} did not hold.`,
);
process.exitCode = found.broken.length === 0 ? 0 : 1;
