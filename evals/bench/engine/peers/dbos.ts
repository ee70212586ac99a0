import type { Contender } from "../contender.ts";
import { startApp } from "./app.ts";
import { startPostgres } from "./postgres.ts";
import type { Site } from "./site.ts";

const packages = ["@dbos-inc/dbos-sdk@5.3.0"];

/** DBOS with a PostgreSQL of its own. When it is killed, the database stays up. */
export async function startDbos(site: Site): Promise<Contender> {
  const postgres = await startPostgres(site, packages);
  return startApp(site, {
    what: `DBOS 5.3.0, ${postgres.what}`,
    script: "dbos-app.ts",
    env: { DATABASE: postgres.url },
    others: () => postgres.pids(),
  });
}
