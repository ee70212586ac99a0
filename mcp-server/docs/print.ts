import { readFile, writeFile } from "node:fs/promises";
import { registerHooks } from "node:module";
import path from "node:path";

/**
 * Prints `reference/*.md` from the definitions: `node mcp-server/docs/print.ts`. With `--check` it
 * writes nothing and fails when a page is out of date.
 */

// Definitions lean on modules of the platform that Node lacks. None of them runs while printing:
// `cloudflare:*` becomes empty classes, text files become text.
registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith("cloudflare:")) return { url: specifier, shortCircuit: true };
    return next(specifier, context);
  },
  load(url, context, next) {
    if (url.startsWith("cloudflare:")) {
      const source =
        "export class DurableObject {} export class WorkerEntrypoint {} export class RpcTarget {} export const env = {}; export const exports = {};";
      return { format: "module", source, shortCircuit: true };
    }
    if (/\.(md|sql|css|txt)$/.test(url)) {
      return { format: "module", source: 'export default "";', shortCircuit: true };
    }
    return next(url, context);
  },
});

const { referencePages } = await import("./reference-pages.ts");
const check = process.argv.includes("--check");
const stale: string[] = [];
for (const [name, text] of Object.entries(referencePages())) {
  const file = path.join(import.meta.dirname, "reference", `${name}.md`);
  const before = await readFile(file, "utf8").catch(() => "");
  if (before === text) continue;
  stale.push(`mcp-server/docs/reference/${name}.md`);
  if (!check) await writeFile(file, text);
}
if (check && stale.length > 0) {
  console.error(`Out of date: ${stale.join(", ")}. Run \`npm run docs\`.`);
  process.exitCode = 1;
} else if (stale.length > 0) {
  console.log(`Printed ${stale.join(", ")}.`);
}
