import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { BenchTable } from "./bench.ts";

const file = path.join(import.meta.dirname, "../../README.md");
const marker = /<!-- bench -->[\s\S]*?(?=\n## )/;

/** Puts the run's figures into the README, between the mark and the next heading. */
export async function writeReadme(about: string, tables: readonly BenchTable[]): Promise<void> {
  const rows = tables.flatMap(({ title, rows: timed, targets }) => [
    ...timed.map(({ what, p50, p95, perSecond }) => [
      `${shortOf(title)}: ${what}`,
      p50.toFixed(2),
      p95.toFixed(2),
      perSecond?.toFixed(0) ?? "",
    ]),
    ...(timed.length > 0 ? [] : targets.map(({ reached }) => [`${title}: ${reached}`, "", "", ""])),
  ]);
  const lines = [
    "<!-- bench -->",
    "",
    `${about}. A workspace call has token, role, secret, redaction and log on; direct is the same call without, and so are the other gateways.`,
    "",
    "| what | p50 ms | p95 ms | per s |",
    "| --- | --- | --- | --- |",
    ...rows.map((row) => `| ${row.join(" | ")} |`),
    "",
  ];
  const readme = await readFile(file, "utf8");
  await writeFile(file, readme.replace(marker, lines.join("\n")));
}

/** What stands before the first colon or comma of a title. */
function shortOf(title: string): string {
  return /^[^,:]*/.exec(title)?.[0] ?? title;
}
