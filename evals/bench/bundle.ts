import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";
import type { BenchTable } from "./bench.ts";

const limitKilobytes = 1500;

/** Size of what `npm run build` would upload. */
export async function benchBundle(): Promise<BenchTable> {
  const folder = path.join(import.meta.dirname, "../../dist");
  const files = (await readdir(folder)).filter((name) =>
    /\.(js|mjs|wasm|sql|md|css|txt)$/.test(name),
  );
  let bytes = 0;
  for (const file of files) bytes += gzipSync(await readFile(path.join(folder, file))).length;
  const kilobytes = Math.round(bytes / 1000);
  return {
    title: "The Worker bundle",
    rows: [],
    targets: [
      {
        target: `at most ${limitKilobytes} kB gzipped`,
        reached: `${kilobytes} kB in ${files.length} files`,
        met: kilobytes <= limitKilobytes,
      },
    ],
  };
}
