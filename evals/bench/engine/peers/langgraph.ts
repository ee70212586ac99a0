import type { Contender } from "../contender.ts";
import { startApp } from "./app.ts";
import { startPostgres } from "./postgres.ts";
import type { Site } from "./site.ts";

const packages = [
  "@langchain/langgraph@1.7.3",
  "@langchain/langgraph-checkpoint-postgres@1.0.5",
  "@langchain/core@1.4.0",
];

/**
 * LangGraph with its checkpoints in a PostgreSQL of its own (its SQLite saver wants a module that is
 * compiled at install). When it is killed, the database stays up.
 */
export async function startLangGraph(site: Site): Promise<Contender> {
  const postgres = await startPostgres(site, packages);
  return startApp(site, {
    what: `LangGraph 1.7.3, ${postgres.what}`,
    script: "langgraph-app.ts",
    env: { DATABASE: postgres.url },
    others: () => postgres.pids(),
  });
}
