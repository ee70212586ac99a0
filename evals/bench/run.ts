import { writeFile } from "node:fs/promises";
import os from "node:os";
import { parseArgs } from "node:util";
import type { Bench, BenchTable } from "./bench.ts";
import { benchBundle } from "./bundle.ts";
import { benchEngine } from "./engine.ts";
import { benchGateway } from "./gateway.ts";
import { benchPaused } from "./paused.ts";
import { benchPlan } from "./plan.ts";
import { benchReliability } from "./reliability.ts";
import { benchStart } from "./start.ts";
import { writeReadme } from "./readme.ts";

/** `npm run bench -- [gateway] [engine] [plan] [bundle] [start] [reliability] [paused] [--json <file>] [--readme] [--calls <n>] [--runs <n>] [--peers] [--n8n]`; without a name: all but the last two. */
const benches: Readonly<Record<string, Bench>> = {
  gateway: benchGateway,
  engine: benchEngine,
  plan: benchPlan,
  bundle: benchBundle,
  start: benchStart,
  reliability: benchReliability,
  paused: benchPaused,
};
/** They take minutes. */
const onlyByName = ["reliability", "paused"];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "string" },
    readme: { type: "boolean" },
    calls: { type: "string" },
    runs: { type: "string" },
    peers: { type: "boolean" },
    n8n: { type: "boolean" },
  },
});
const unknown = positionals.filter((name) => !(name in benches));
if (unknown.length > 0) {
  console.error(
    `There is no bench "${unknown[0]}". Choose from: ${Object.keys(benches).join(", ")}.`,
  );
  process.exit(2);
}

const machine = `${os.cpus().length} x ${os.cpus()[0]?.model ?? os.arch()}, Node ${process.version}`;
console.log(`${new Date().toISOString().slice(0, 10)}, ${machine}`);
const tables: BenchTable[] = [];
const usual = Object.keys(benches).filter((name) => !onlyByName.includes(name));
for (const name of positionals.length > 0 ? positionals : usual) {
  const table = await benches[name]!({
    ...(values.calls ? { calls: Number(values.calls) } : {}),
    ...(values.runs ? { runs: Number(values.runs) } : {}),
    ...(values.peers ? { peers: true } : {}),
    ...(values.n8n ? { n8n: true } : {}),
  });
  tables.push(table);
  print(table);
}
if (values.json) {
  const report = { at: new Date().toISOString(), machine, tables };
  await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`);
}
if (values.readme) {
  const load = os.loadavg()[0]?.toFixed(1);
  await writeReadme(`${new Date().toISOString().slice(0, 10)}, ${machine}, load ${load}`, tables);
}

function print(table: BenchTable): void {
  console.log(`\n${table.title}`);
  const width = Math.max(44, ...table.rows.map(({ what }) => what.length + 1));
  const columns = ["p50 ms", "p95 ms", "per s", "CPU ms", "MB"];
  if (table.rows.length > 0) console.log(lineOf("", width, columns));
  for (const row of table.rows) {
    const { what, p50, p95, perSecond, processorMs, megabytes } = row;
    const figures = [milliseconds(p50), milliseconds(p95), perSecond?.toFixed(0) ?? ""];
    const used = [processorMs?.toFixed(2) ?? "", megabytes?.toFixed(0) ?? ""];
    console.log(lineOf(what, width, [...figures, ...used]));
  }
  for (const [what, count] of table.counts ?? []) {
    console.log(`${what.padEnd(width)}${String(count).padStart(9)}`);
  }
  for (const { target, reached, met } of table.targets) {
    console.log(`${met ? "met " : "MISS"}  ${target}: ${reached}`);
  }
}

/** `-`: what was waited for did not come. */
function milliseconds(figure: number): string {
  return Number.isNaN(figure) ? "-" : figure.toFixed(2);
}

function lineOf(what: string, width: number, columns: readonly string[]): string {
  return `${what.padEnd(width)}${columns.map((one) => one.padStart(9)).join("")}`;
}
