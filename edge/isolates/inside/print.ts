import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { transform } from "sucrase";

/** Prints what runs inside isolates as text, so that the Worker can carry it: `npm run generate`. */
const names = ["outbound", "function", "aerostack"] as const;

export function printInside(): string {
  const sources = names.map((name) => {
    const source = readFileSync(path.join(import.meta.dirname, `${name}.ts`), "utf8");
    const options = { transforms: ["typescript" as const], disableESTransforms: true };
    return [name, transform(source, options).code.replace(/^\s*\n/gm, "")] as const;
  });
  const hash = createHash("sha256").update(JSON.stringify(sources)).digest("hex").slice(0, 16);
  return [
    "/** Generated from edge/isolates/inside/ by `npm run generate`; do not edit. */",
    `export const insideHash = ${JSON.stringify(hash)};`,
    ...sources.map(([name, code]) => `export const ${name}Source = ${JSON.stringify(code)};`),
    "",
  ].join("\n");
}

export const insideFile = path.join(import.meta.dirname, "../inside.generated.ts");

if (import.meta.main) writeFileSync(insideFile, printInside());
