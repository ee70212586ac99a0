import path from "node:path";
import type { Contender } from "../contender.ts";
import { startApp } from "./app.ts";
import type { Site } from "./site.ts";

const packages = ["@mastra/core@1.71.0", "@mastra/libsql@1.23.1", "zod@4.6.7"];

/** Mastra's workflows with a LibSQL file. */
export async function startMastra(site: Site): Promise<Contender> {
  await site.install(packages);
  return startApp(site, {
    what: "Mastra 1.71.0, LibSQL",
    script: "mastra-app.ts",
    env: {
      DATABASE: `file:${path.join(site.folder, "mastra.db")}`,
      MASTRA_TELEMETRY_DISABLED: "1",
    },
  });
}
