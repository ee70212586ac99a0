import type { PromptDefinition } from "../prompt.ts";
import { build } from "./build.ts";
import { debugRun } from "./debug-run.ts";
import { endpoint } from "./endpoint.ts";
import { schedule } from "./schedule.ts";
import { share } from "./share.ts";
import { teamGateway } from "./team-gateway.ts";

/** Every prompt by its wire name. */
export const prompts: Readonly<Record<string, PromptDefinition>> = {
  build,
  endpoint,
  schedule,
  team_gateway: teamGateway,
  debug_run: debugRun,
  share,
};
