import { createApp } from "#edge/app";
import { clientGuides } from "./client-guides.ts";
import { docsRoutes } from "./docs/routes.tsx";
import { serveMcp, serveOAuthMcp } from "./endpoint.ts";

/** Every route of the platform; `app.routes` is the table of them. */
export const app = createApp(clientGuides);
app.all("/mcp", serveMcp);
app.all("/mcp/oauth", serveOAuthMcp);
app.route("/docs", docsRoutes);
