import type { Env } from "#edge/env";
import { app } from "./app.ts";

export { Conversation } from "#edge/bots/conversation";
export { Workspace } from "#edge/gateway/workspace";
export { Egress, SandboxEgress } from "#edge/isolates/entrypoints";
export { Schedule } from "#edge/triggers/schedule";
// Named as when every run had an object of its own: stored data are found by it.
export { RunShard as Run } from "#edge/workflow/run-shard";

export default {
  fetch: (request, env, context) => app.fetch(request, env, context),
} satisfies ExportedHandler<Env>;
