import type { McpSession } from "#evals/harness/client";
import { type Manner, mannerOf } from "./manners.ts";

/** Milliseconds that the link to a slow upstream waits. */
const impatientMs = 100;

/** A workspace with its upstreams, and a member's way in. */
export interface Place {
  readonly slug: string;
  readonly token: string;
  /** By alias, `m0` and so on. */
  readonly manners: readonly Manner[];
}

/** How the upstreams of all workspaces behave, workspace after workspace. */
export function mannersOf(workspaces: number, upstreams: number): Manner[] {
  return Array.from({ length: workspaces * upstreams }, (_, index) =>
    mannerOf(Math.floor(index / upstreams), index % upstreams, upstreams),
  );
}

/** Makes the workspaces as an agent does, by MCP tools; `ports` as `manners`. */
export async function makePlaces(
  agent: McpSession,
  upstreams: number,
  { manners, ports }: { manners: readonly Manner[]; ports: readonly number[] },
): Promise<Place[]> {
  const places: Place[] = [];
  for (let first = 0; first < ports.length; first += upstreams) {
    const own = { manners: manners.slice(first, first + upstreams), ports: ports.slice(first) };
    places.push(await makePlace(agent, `reliable-${places.length}`, own));
  }
  return places;
}

async function makePlace(
  agent: McpSession,
  slug: string,
  { manners, ports }: { manners: readonly Manner[]; ports: readonly number[] },
): Promise<Place> {
  await agent.must("create_workspace", { slug, name: slug });
  await Promise.all(
    manners.map((manner, at) =>
      agent.must("connect_mcp", {
        workspace: slug,
        alias: `m${at}`,
        url: `http://127.0.0.1:${ports[at]}/mcp`,
        ...(manner === "slow" ? { limits: { timeout_ms: impatientMs } } : {}),
      }),
    ),
  );
  const issued = await agent.must("issue_token", { workspace: slug, member: "ada", inline: true });
  return { slug, token: String(issued["token"]), manners };
}
