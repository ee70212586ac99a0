import {
  OAuthAuthorizationServer,
  OAuthError,
  OAuthResourceServer,
} from "@cloudflare/workers-oauth-provider";
import type { Env } from "#edge/env";
import type { Services } from "#edge/services";
import { type Grant, hasLiveKey, isAlive, roles } from "./grant.ts";
import { issuerOf, nameOf, type Place, resourceOf } from "./place.ts";

const monthSeconds = 30 * 86_400;

/**
 * The authorization server of one place. It knows one resource, so its tokens are good for nothing
 * else. Throws `oauth.needs-https`.
 */
export function authorizationServer(
  services: Services,
  place: Place,
): OAuthAuthorizationServer<Env> {
  const issuer = issuerOf(services, place);
  const resource = resourceOf(services, place);
  return new OAuthAuthorizationServer<Env>({
    issuer,
    resources: [resource],
    defaultResource: resource,
    authorizeEndpoint: `${issuer}/authorize`,
    tokenEndpoint: `${issuer}/token`,
    clientRegistrationEndpoint: `${issuer}/register`,
    clientIdMetadataDocumentEnabled: true,
    ...(place.kind === "workspace" ? { scopesSupported: [...roles] } : {}),
    refreshTokenTTL: monthSeconds,
    refreshTokenIdleTTL: monthSeconds,
    // The library would log this; it is answered, and nobody's to act on.
    onError: () => undefined,
    tokenExchangeCallback: async ({ props }) => {
      if (await isAlive(services, place, props as Grant)) return;
      throw new OAuthError("invalid_grant", { description: "The access was taken away." });
    },
  });
}

/**
 * The MCP endpoint of a place behind its tokens, with the metadata that leads to its issuer. Whether
 * a member's grant was taken away is for `handle` to see: the workspace knows, and is asked anyway.
 */
export function resourceServer(
  services: Services,
  place: Place,
  handle: (request: Request, grant: Grant) => Promise<Response>,
): OAuthResourceServer<Env, Grant> {
  const issuer = authorizationServer(services, place);
  return new OAuthResourceServer<Env, Grant>({
    resourceMetadata: {
      resource: resourceOf(services, place),
      authorization_servers: [issuerOf(services, place)],
      resource_name: `Aerostack: ${nameOf(place)}`,
    },
    validateToken: (env) => async (resource, token) => {
      const valid = await issuer.validateToken<Grant>(resource, token, env);
      return valid && (await hasLiveKey(services, valid.props)) ? valid : null;
    },
    handler: { fetch: (request, _env, context) => handle(request, context.props) },
  });
}

/**
 * The request as the outside sees it: the library compares URLs, and behind a proxy the one that
 * arrives here has another origin.
 */
export function atBase(services: Services, request: Request): Request {
  const { pathname, search, origin } = new URL(request.url);
  if (services.baseUrl === origin) return request;
  return new Request(`${services.baseUrl}${pathname}${search}`, request);
}

/** Lets go of a body that nobody will read, or the runtime complains about it later. */
export async function refused(request: Request, response: Response): Promise<Response> {
  if (response.status === 401 && !request.bodyUsed) {
    await request.body?.cancel().catch(() => undefined);
  }
  return response;
}
