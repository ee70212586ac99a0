import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { z } from "zod";
import { ConfigurationError } from "#blueprints/error";

/**
 * Prints `prices.generated.ts` from a kept source of list prices: `npm run prices`. The package is a
 * megabyte of all providers there are, so it is fetched for this alone, in one version. To bring the
 * prices up to date: name a newer version with its integrity (`npm view <name>@<version> dist.integrity`).
 */
const source = {
  name: "@pydantic/genai-prices",
  version: "0.1.8",
  integrity:
    "sha512-h7CYw6qTyflG2zUndO8tXyL8Xopf+tX9JZu13h0ZFgeyYj+J2gm1edR4+R+mbQ2vPdkFjtTmmmu1cYQPM5/KTA==",
} as const;

/** Providers of ours that have list prices, and which of their models: text in, text out. */
const wanted: Readonly<Record<string, RegExp>> = {
  anthropic: /^claude-/,
  openai: /^(gpt-|o\d)/,
  google: /^gemini-/,
  groq: /./,
};

const amount = z.union([
  z.number(),
  z.object({
    base: z.number(),
    tiers: z.array(z.object({ start: z.number(), price: z.number() })),
  }),
]);
const priceSchema = z.object({
  input_mtok: amount,
  output_mtok: amount,
  cache_read_mtok: amount.optional(),
});
type Amount = z.infer<typeof amount>;
type Match = { [kind: string]: unknown };

interface Package {
  findProvider(options: {
    providerId: string;
  }): { models: { id: string; match: Match; deprecated?: boolean }[] } | undefined;
  calcPrice(
    usage: { input_tokens: number; output_tokens: number },
    model: string,
    options: { providerId: string },
  ): { model_price: unknown } | null;
}

async function load(folder: string): Promise<Package> {
  const run = promisify(execFile);
  const reference = `${source.name}@${source.version}`;
  const packed = await run("npm", ["pack", reference, "--json", "--pack-destination", folder]);
  const [file] = z
    .array(z.object({ filename: z.string(), integrity: z.string() }))
    .parse(JSON.parse(packed.stdout));
  if (file?.integrity !== source.integrity) {
    throw new ConfigurationError("prices.other-package", `${reference} is ${file?.integrity}.`, {
      fix: `It should be ${source.integrity}: find out why before its prices are used.`,
    });
  }
  await run("tar", ["xzf", path.join(folder, path.basename(file.filename)), "-C", folder]);
  const entry = path.join(folder, "package", "dist", "index.js");
  return (await import(pathToFileURL(entry).href)) as Package;
}

/** Names that a rule accepts; `*` at the end: all that begin so. */
function namesOf(match: Match): string[] {
  return Object.entries(match).flatMap(([kind, value]): string[] => {
    if (kind === "equals") return [String(value)];
    if (kind === "starts_with") return [`${String(value)}*`];
    const isList = (kind === "or" || kind === "and") && Array.isArray(value);
    return isList ? (value as Match[]).flatMap(namesOf) : [];
  });
}

const baseOf = (value: Amount) => (typeof value === "number" ? value : value.base);
const tierOf = (value: Amount) => (typeof value === "number" ? undefined : value.tiers[0]);

/** US dollars a million tokens: input, cached, output; for long inputs the same from where on. */
function rowOf(raw: unknown): number[] | undefined {
  const price = priceSchema.safeParse(raw);
  if (!price.success) return undefined;
  const { input_mtok: input, output_mtok: output, cache_read_mtok: cached = input } = price.data;
  const all = [input, cached, output];
  const start = tierOf(input)?.start;
  const long = all.map((value) => tierOf(value)?.price ?? baseOf(value));
  return [...all.map(baseOf), ...(start === undefined ? [] : [start, ...long])];
}

function tableOf(prices: Package): [string, number[]][] {
  return Object.entries(wanted).flatMap(([provider, names]) => {
    const models = prices.findProvider({ providerId: provider })?.models ?? [];
    return models
      .filter(
        ({ id, deprecated }) => names.test(id) && !deprecated && !/-tts|-image|audio/.test(id),
      )
      .flatMap(({ id, match }): [string, number[]][] => {
        const usage = { input_tokens: 1, output_tokens: 1 };
        const row = rowOf(prices.calcPrice(usage, id, { providerId: provider })?.model_price);
        if (!row) return [];
        return [...new Set([id, ...namesOf(match)])].map((name) => [`${provider}:${name}`, row]);
      });
  });
}

const folder = await mkdtemp(path.join(tmpdir(), "aerostack-prices-"));
try {
  const rows = tableOf(await load(folder)).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const today = new Date().toISOString().slice(0, 10);
  const lines = rows.map(([name, row]) => `  ${JSON.stringify(name)}: ${JSON.stringify(row)},`);
  const text = `// Printed by \`npm run prices\` from ${source.name} ${source.version} (MIT) on ${today}; do not edit.

/**
 * US dollars a million tokens: input, cached input, output; where long inputs cost more, the number of
 * input tokens from where on, and the three prices then. \`*\`: all names that begin so.
 */
export const prices: Readonly<Record<string, readonly number[]>> = {
${lines.join("\n")}
};
`;
  await writeFile(path.join(import.meta.dirname, "prices.generated.ts"), text);
  process.stdout.write(`Printed ${rows.length} prices.\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
