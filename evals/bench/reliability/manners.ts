/** How an upstream answers calls of its tool, and with what the gateway may answer its caller then. */
export const manners = {
  well: ["ok"],
  status: ["mcp.http-status", "mcp.unavailable"],
  "no-json": ["mcp.malformed"],
  "other-id": ["mcp.malformed"],
  reset: ["mcp.unreachable", "mcp.unavailable"],
  slow: ["mcp.timeout", "mcp.unavailable"],
  /** Two answers to one request, in one stream: the first one counts. */
  twice: ["ok"],
} as const satisfies Record<string, readonly string[]>;
export type Manner = keyof typeof manners;

const bad = (Object.keys(manners) as Manner[]).filter((manner) => manner !== "well");

/** One upstream of every workspace misbehaves, another one in each, in every way in turn. */
export function mannerOf(workspace: number, upstream: number, upstreams: number): Manner {
  return upstream === workspace % upstreams ? (bad[workspace % bad.length] ?? "well") : "well";
}
