import { connect } from "../harness/client.ts";
import { claim } from "../harness/person.ts";
import { blueprintOf } from "./shapes/index.ts";
import type { Shape } from "./shapes/shape.ts";
import type { Victim } from "./victim.ts";

/** A workspace with every shape deployed. */
export interface Place {
  readonly slug: string;
  /** Of the member who starts runs; the account decides about them. */
  readonly token: string;
  /** Addresses of webhooks, by shape. */
  readonly hooks: Readonly<Record<string, string>>;
}

/** Deploys as an agent does, by MCP tools. */
export async function makePlaces(
  victim: Victim,
  { count, host, shapes }: { count: number; host: string; shapes: readonly Shape[] },
): Promise<Place[]> {
  const agent = await connect(`${victim.url}/mcp`, victim.accountKey, "2.x");
  const places: Place[] = [];
  try {
    for (let index = 0; index < count; index++) {
      const slug = `chaos-${index}`;
      const blueprint = blueprintOf(host, shapes);
      const created = await agent.must("create", { blueprint, workspace: slug });
      const ids = (created["resources"] as { id: string }[]).map(({ id }) => id);
      const deployed = await agent.must("deploy", { resources: ids });
      // Claimed, so that it is not the account's own: the account is to decide about its runs.
      const member = { member: "starter", role: "developer" };
      const issued = await agent.must("issue_token", { workspace: slug, ...member });
      const token = await claim(String(issued["claim_url"]));
      places.push({ slug, token, hooks: hooksOf(deployed) });
    }
  } finally {
    await agent.close();
  }
  return places;
}

function hooksOf(deployed: Record<string, unknown>): Record<string, string> {
  const resources = deployed["resources"] as { name: string; urls?: Record<string, string> }[];
  return Object.fromEntries(
    resources.flatMap(({ name, urls = {} }) =>
      Object.values(urls)
        .filter((url) => url.includes("/hooks/"))
        .map((url) => [name, new URL(url).pathname]),
    ),
  );
}
