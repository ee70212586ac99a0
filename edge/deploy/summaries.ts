import type { Services } from "#edge/services";
import type { DeployedSummary, ResourceState } from "./answers.ts";
import type { Candidate } from "./candidates.ts";
import type { Place } from "./place.ts";

/** A resource with the addresses at which it answers once it is live. */
export function summariseDeployed(
  services: Services,
  place: Place,
  { kind, id, name, version, compiled }: Omit<Candidate, "from" | "blueprintId" | "definition">,
  state: ResourceState,
): DeployedSummary {
  const urls = urlsOf(services, place.identity.slug, { kind, name, compiled });
  return { kind, id, name, version, state, urls };
}

function urlsOf(
  { baseUrl }: Services,
  slug: string,
  { kind, name, compiled }: Pick<Candidate, "kind" | "name" | "compiled">,
): Record<string, string> {
  switch (kind) {
    case "endpoint": {
      const endpoint = `${baseUrl}/e/${slug}/${name}`;
      return { endpoint, openapi: `${endpoint}/openapi.json` };
    }
    case "webhook": {
      const { live } = compiled;
      return live?.kind === "webhook" ? { webhook: `${baseUrl}/hooks/${live.definition.id}` } : {};
    }
    case "function":
    case "skill":
    case "mcp":
      return { gateway: `${baseUrl}/ws/${slug}` };
    case "bot": {
      const { live } = compiled;
      if (live?.kind !== "bot") return {};
      const { id, platforms } = live.definition;
      const names = Object.keys(platforms);
      return Object.fromEntries(names.map((one) => [one, `${baseUrl}/bots/${id}/${one}`]));
    }
    case "workflow":
    case "schedule":
    case "team":
      return {};
    default:
      return kind satisfies never;
  }
}
