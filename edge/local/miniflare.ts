import { enableCompileCache } from "node:module";
import path from "node:path";
import { projectFolder } from "#edge/local/build";

/**
 * Miniflare, compiled once an installation: it is 6 MB of code, a third of what a start has to do. And
 * loaded without the certificates of `NODE_EXTRA_CA_CERTS`: it would add each to its settings of workerd,
 * for a network through which only descriptions of OAuth clients are read, and writing a hundred of them
 * takes longer than all else that a restart has to do before workerd runs.
 */
enableCompileCache(path.join(projectFolder, "node_modules/.cache/compiled"));
const { NODE_EXTRA_CA_CERTS: certificates } = process.env;
delete process.env["NODE_EXTRA_CA_CERTS"];
const { convertV4MiniflareOptions, Log, LogLevel, Miniflare } = await import("miniflare");
if (certificates !== undefined) process.env["NODE_EXTRA_CA_CERTS"] = certificates;

export { convertV4MiniflareOptions, Log, LogLevel, Miniflare };
