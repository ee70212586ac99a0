/**
 * What both MCP packages ask of the platform under the name `_shims` (`[alias]` in wrangler.toml).
 * Their own for workerd also build every message schema of both protocol eras as the Worker starts,
 * some 60 ms. Here each is built when a message first needs it: most starts are for a run to go on, and
 * most requests are answered without these packages.
 */
export { CfWorkerJsonSchemaValidator as DefaultJsonSchemaValidator } from "@modelcontextprotocol/server/validators/cf-worker";

/** Only browsers hide why a request failed. */
export const CORS_IS_POSSIBLE = false;
