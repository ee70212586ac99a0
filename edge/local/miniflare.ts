/**
 * Miniflare, loaded without the certificates of `NODE_EXTRA_CA_CERTS`. It would add each to its settings
 * of workerd, for a network through which only descriptions of OAuth clients are read, and writing a
 * hundred of them takes longer than all else that a restart has to do before workerd runs.
 */
const { NODE_EXTRA_CA_CERTS: certificates } = process.env;
delete process.env["NODE_EXTRA_CA_CERTS"];
const { convertV4MiniflareOptions, Log, LogLevel, Miniflare } = await import("miniflare");
if (certificates !== undefined) process.env["NODE_EXTRA_CA_CERTS"] = certificates;

export { convertV4MiniflareOptions, Log, LogLevel, Miniflare };
