import { ConfigurationError } from "#blueprints/error";
import { findWorkspace } from "#edge/gateway/directory";
import type { WorkspaceIdentity } from "#edge/gateway/workspace-api";
import type { Services } from "#edge/services";

/** What an OAuth client may be let into: one workspace, or the MCP server of an account. */
export type Place =
  | { readonly kind: "workspace"; readonly identity: WorkspaceIdentity }
  | { readonly kind: "account" };

/** The place with this slug; without one, the MCP server of accounts. */
export async function findPlace(services: Services, slug?: string): Promise<Place | undefined> {
  if (slug === undefined) return { kind: "account" };
  const identity = await findWorkspace(services, slug);
  return identity && { kind: "workspace", identity };
}

function pathOf(place: Place): string {
  return place.kind === "workspace" ? `/ws/${place.identity.slug}` : "/mcp";
}

/** Where the client's MCP requests go, and the audience of its tokens. */
export function resourceOf(services: Pick<Services, "baseUrl">, place: Place): string {
  return `${services.baseUrl}${pathOf(place)}/oauth`;
}

/**
 * Every place has an issuer of its own, below `/oauth`: the well-known documents at the root answer
 * 404, so that no client takes a URL for static tokens for one that wants OAuth.
 */
export function issuerOf(services: Pick<Services, "baseUrl">, place: Place): string {
  const issuer = `${services.baseUrl}/oauth${pathOf(place)}`;
  const { protocol, hostname } = new URL(issuer);
  if (protocol === "https:" || loopback.has(hostname)) return issuer;
  throw new ConfigurationError("oauth.needs-https", "OAuth works over https only.", {
    fix: "Set AEROSTACK_URL to the public https URL; workspace tokens work meanwhile.",
  });
}

const loopback = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Name of the place, for people. */
export function nameOf(place: Place): string {
  return place.kind === "workspace" ? place.identity.name : "your Aerostack account";
}
