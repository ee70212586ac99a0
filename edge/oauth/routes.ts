import { Buffer } from "node:buffer";
import { type Context, Hono } from "hono";
import { AerostackError, InputError } from "#blueprints/error";
import type { Env } from "#edge/env";
import { workspaceStub } from "#edge/gateway/directory";
import { callbackPath, clientMetadata, clientPath } from "#edge/gateway/connections/pending";
import { assertSameSite } from "#edge/gateway/same-site";
import { accountHeader, type GrantHolder } from "#edge/gateway/visitor";
import { assertReachable } from "#edge/isolates/address";
import { limitPublic } from "#edge/limit";
import { connected } from "#edge/pages/connected";
import { authorize } from "#edge/pages/authorize";
import { createServices, type Services } from "#edge/services";
import { findPlace, type Place, resourceOf } from "./place.ts";
import { atBase, authorizationServer, refused, resourceServer } from "./server.ts";

type OAuthContext = Context<{ Bindings: Env }>;
interface Visit {
  readonly context: OAuthContext;
  readonly services: Services;
  readonly place: Place;
}
type Handler = (visit: Visit) => Promise<Response>;

/** Sign-in for MCP clients: metadata, authorization servers, and workspaces behind them. */
export const oauthRoutes = new Hono<{ Bindings: Env }>();

/** One handler for the two kinds of place. */
function at(path: (place: string) => string, handler: Handler): void {
  for (const place of ["/mcp", "/ws/:slug"]) {
    oauthRoutes.all(path(place), async (context) => {
      const services = createServices(context.env, context.req.raw, context.executionCtx);
      const slug = place === "/mcp" ? undefined : context.req.param("slug");
      const found = await findPlace(services, slug);
      if (!found) return context.notFound();
      return handler({ context, services, place: found });
    });
  }
}

at((place) => `/.well-known/oauth-protected-resource${place}/oauth`, serveMetadata);
at((place) => `/.well-known/oauth-authorization-server/oauth${place}`, serveProtocol);
at(
  (place) => `/oauth${place}/authorize`,
  async ({ context, services, place }) => {
    await limitPublic(context.env, context.req.raw, "oauth");
    assertSafeClient(context.env, context.req.query("client_id"));
    return authorize(context, services, place);
  },
);
at((place) => `/oauth${place}/token`, serveToken);
at(
  (place) => `/oauth${place}/register`,
  async (visit) => {
    await limitPublic(visit.context.env, visit.context.req.raw, "oauth");
    return serveProtocol(visit);
  },
);

oauthRoutes.get(callbackPath, connected);
oauthRoutes.get(clientPath, (context) => {
  const { baseUrl } = createServices(context.env, context.req.raw, context.executionCtx);
  const document = { client_id: `${baseUrl}${clientPath}`, ...clientMetadata(baseUrl) };
  return context.json(document, 200, { "Cache-Control": "public, max-age=3600" });
});

oauthRoutes.all("/ws/:slug/oauth", async (context) => {
  const { env, executionCtx, req } = context;
  assertSameSite(req.raw, env);
  const services = createServices(env, req.raw, executionCtx);
  const place = await findPlace(services, req.param("slug"));
  if (place?.kind !== "workspace") return context.notFound();
  const stub = workspaceStub(env, place.identity.id);
  const server = resourceServer(services, place, async (request, grant) => {
    const headers = new Headers(request.headers);
    headers.delete("Authorization");
    if (grant.kind !== "member") throw new InputError("token.invalid", "This token is another's.");
    const holder: GrantHolder = { kind: "grant", tokenId: grant.tokenId };
    headers.set(accountHeader, JSON.stringify(holder));
    const response = await stub.fetch(new Request(request, { headers }));
    // Only the object knows that the grant was taken away; the client has to sign in anew.
    return response.status === 401 ? withChallenge(response, services, place) : response;
  });
  const request = atBase(services, req.raw);
  return refused(request, await server.fetch(request, env, executionCtx as ExecutionContext));
});

function serveMetadata({ context, services, place }: Visit): Promise<Response> {
  const server = resourceServer(services, place, () => Promise.resolve(context.notFound()));
  return server.fetch(atBase(services, context.req.raw), context.env, executionOf(context));
}

function serveProtocol({ context, services, place }: Visit): Promise<Response> {
  const server = authorizationServer(services, place);
  return server.fetch(atBase(services, context.req.raw), context.env, executionOf(context));
}

/** Codes, refreshes and revocations. */
async function serveToken(visit: Visit): Promise<Response> {
  const { context, services, place } = visit;
  await limitPublic(context.env, context.req.raw, "oauth-token");
  const form = await readForm(context.req.raw);
  for (const id of clientsIn(context.req.raw, form)) assertSafeClient(context.env, id);
  const response = await serveProtocol(visit);
  const token = form.get("token");
  if (response.ok && !form.has("grant_type") && token) {
    services.waitUntil(forgetRevoked(services, place, token));
  }
  return response;
}

function withChallenge(response: Response, services: Services, place: Place): Response {
  const { origin, pathname } = new URL(resourceOf(services, place));
  const metadata = `${origin}/.well-known/oauth-protected-resource${pathname}`;
  const headers = new Headers(response.headers);
  const challenge = `Bearer realm="OAuth", resource_metadata="${metadata}", error="invalid_token"`;
  headers.set("WWW-Authenticate", challenge);
  return new Response(response.body, { status: response.status, headers });
}

/** The row of a grant that its client gave back goes, too. */
async function forgetRevoked(services: Services, place: Place, token: string): Promise<void> {
  const id = token.split(":", 1)[0] ?? "";
  if (place.kind !== "workspace" || !id.startsWith("tok_")) return;
  const oauth = authorizationServer(services, place).getOAuthApi(services.env);
  const { items } = await oauth.listUserGrants(id);
  if (items.length > 0) return;
  await workspaceStub(services.env, place.identity.id).revokeGrant(id);
}

/** A client that names itself by a URL makes us fetch that URL. */
function assertSafeClient(env: Env, clientId: string | undefined): void {
  if (clientId === undefined || URL.parse(clientId)?.protocol !== "https:") return;
  try {
    assertReachable(clientId, env);
  } catch (error) {
    if (!(error instanceof AerostackError)) throw error;
    throw new InputError("oauth.client", "The client's address cannot be used.", {
      fix: "Use a client whose metadata has a public address.",
    });
  }
}

/** Every way in which a client names itself at the token endpoint: field, Basic, the subject of a JWT. */
function clientsIn(request: Request, form: URLSearchParams): (string | undefined)[] {
  const basic = /^Basic +(\S+)/i.exec(request.headers.get("Authorization") ?? "")?.[1];
  const [user = ""] = basic === undefined ? [] : decoded(basic).split(":", 1);
  const [, claims = ""] = (form.get("client_assertion") ?? "").split(".");
  const subject = /"sub"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(decoded(claims))?.[1];
  const named = new URLSearchParams(`id=${user}`).get("id");
  return [form.get("client_id"), named, subject && (JSON.parse(subject) as string)].map(
    (id) => id ?? undefined,
  );
}

function decoded(base64: string): string {
  return Buffer.from(base64, "base64").toString();
}

/** Of a copy: the library reads the body itself. Its own limit is larger than any form we need. */
async function readForm(request: Request): Promise<URLSearchParams> {
  const bytes = request.body ? await request.clone().arrayBuffer() : new ArrayBuffer(0);
  return new URLSearchParams(new TextDecoder().decode(bytes.slice(0, 20_000)));
}

function executionOf(context: OAuthContext): ExecutionContext {
  return context.executionCtx as ExecutionContext;
}
