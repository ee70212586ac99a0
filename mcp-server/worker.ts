import { createApp } from "#edge/app";
import type { Env } from "#edge/env";
import { docsRoutes } from "./docs/routes.tsx";
import { serveMcp, serveOAuthMcp } from "./endpoint.ts";

export { Workspace } from "#edge/gateway/workspace";
export { Egress, SandboxEgress } from "#edge/isolates/entrypoints";
export { Schedule } from "#edge/triggers/schedule";
export { Run } from "#edge/workflow/run";

const app = createApp();
app.all("/mcp", serveMcp);
app.all("/mcp/oauth", serveOAuthMcp);
app.route("/docs", docsRoutes);

export default {
  fetch: (request, env, context) => app.fetch(request, env, context),
} satisfies ExportedHandler<Env>;
