import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startServer } from "#edge/local/server";
import { build } from "./harness/builder.ts";
import { connect, type McpSession } from "./harness/client.ts";
import { entries } from "./search/entries.ts";

/** Share of queries whose entry must come first, and mean reciprocal rank, below which it fails. */
const floor = { first: 0.75, reciprocal: 0.8 };

/** Publishes a small marketplace and asks for each entry in words that are not its own. */
export async function runSearchEval(): Promise<number> {
  const dataFolder = await mkdtemp(path.join(tmpdir(), "aerostack-search-"));
  const server = await startServer({ port: 0, dataFolder });
  try {
    const session = await connect(`${server.url}/mcp`, server.accountKey, "2.x");
    await publishAll(session);
    const ranks = await askAll(session);
    await session.close();
    return report(ranks);
  } finally {
    await server.stop();
    await rm(dataFolder, { recursive: true, force: true });
  }
}

async function publishAll(session: McpSession): Promise<void> {
  const functions = entries.map(({ name, description }) => ({
    name,
    description,
    code: "export default async function (input: unknown) { return input; }",
  }));
  const built = await build(session, {
    workspace: "market",
    blueprint: { name: "market", functions },
  });
  for (const { id, name } of built.resources) {
    const entry = entries.find((one) => one.name === name);
    await session.must("publish", {
      resource: id,
      slug: slugOf(name),
      version: "1.0.0",
      readme: entry?.description,
      visibility: "public",
    });
  }
}

interface Rank {
  readonly query: string;
  readonly wanted: string;
  /** 1 is first; undefined: not among the hits. */
  readonly rank: number | undefined;
}

async function askAll(session: McpSession): Promise<Rank[]> {
  const ranks: Rank[] = [];
  for (const { name, queries } of entries) {
    for (const query of queries) {
      const found = await session.must("search_registry", { query });
      const slugs = ((found["hits"] ?? []) as { slug: string }[]).map((one) => one.slug);
      const position = slugs.indexOf(slugOf(name));
      ranks.push({ query, wanted: name, rank: position === -1 ? undefined : position + 1 });
    }
  }
  return ranks;
}

function report(ranks: readonly Rank[]): number {
  const first = ranks.filter((one) => one.rank === 1).length / ranks.length;
  const reciprocal =
    ranks.reduce((sum, one) => sum + (one.rank ? 1 / one.rank : 0), 0) / ranks.length;
  for (const one of ranks.filter(({ rank }) => rank !== 1)) {
    console.log(`${String(one.rank ?? "-").padStart(3)}  ${one.query}  (wanted ${one.wanted})`);
  }
  console.log(
    `${ranks.length} queries: first ${first.toFixed(3)}, mean reciprocal rank ${reciprocal.toFixed(3)}`,
  );
  return first >= floor.first && reciprocal >= floor.reciprocal ? 0 : 1;
}

const slugOf = (name: string): string => `@operator/${name.replaceAll("_", "-")}`;
