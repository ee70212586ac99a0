import { InputError } from "#blueprints/error";
import { notFound } from "#edge/gateway/directory";
import { addressOf } from "#edge/limit";
import type { WorkspaceIdentity } from "#edge/gateway/workspace-api";
import type { OpenedWorkflow } from "#edge/gateway/live-items";
import { bearer } from "#edge/identity/bearer";
import { authenticateKey } from "#edge/identity/keys";
import type { Services } from "#edge/services";
import { type Starter, starterOf } from "#edge/workflow/answerer";

export interface EndpointPlace {
  readonly slug: string;
  readonly name: string;
  /** Undefined: there is no such workspace. */
  readonly identity: WorkspaceIdentity | undefined;
  /** What the workspace said about the endpoint and the caller's token; empty where there is none. */
  readonly opened: Partial<OpenedWorkflow>;
}

/** A stranger at a public endpoint starts runs as nobody. */
export interface Caller extends Starter {
  /** For limits and idempotency. */
  readonly key: string;
}

/**
 * Who calls an endpoint. Whether a workspace or endpoint
 * exists is only told to those who may use it.
 * @throws InputError 401, 403, 404 or 429
 */
export async function admit(
  services: Services,
  request: Request,
  place: EndpointPlace,
): Promise<Caller> {
  const { endpoint, member } = place.opened;
  if (endpoint?.auth === "public") return admitPublic(services, request, place);
  const credential = bearer(request);
  if (credential?.startsWith("ak_")) {
    const actor = await authenticateKey(services, credential);
    if (!actor) throw refused();
    const owns = place.identity?.accountId === actor.accountId;
    if (!owns || !endpoint) throw missing(place, owns);
    return { key: actor.accountId, ...starterOf(actor) };
  }
  if (!member) throw refused();
  if (!endpoint) throw missing(place, true);
  if (member.role === "read-only" || member.tools) {
    throw new InputError("endpoint.forbidden", "This token may not start workflows.", {
      status: 403,
      fix: "Use a token with the role developer or admin and without a tool list.",
    });
  }
  return { key: member.tokenId, ...starterOf(member) };
}

async function admitPublic(
  services: Services,
  request: Request,
  { slug, name }: EndpointPlace,
): Promise<Caller> {
  const address = addressOf(services.env, request);
  const { success } = await services.env.PUBLIC_LIMIT.limit({ key: `${slug}/${name}/${address}` });
  if (success) return { key: `public ${address}` };
  throw new InputError("endpoint.rate-limited", "Too many calls from this address.", {
    status: 429,
    retryAfterMs: 60_000,
    fix: "Wait a minute.",
  });
}

function missing({ slug, name }: EndpointPlace, mayKnow: boolean): InputError {
  if (!mayKnow) return notFound(slug);
  return new InputError("endpoint.not-found", `There is no endpoint "${name}" in "${slug}".`, {
    status: 404,
    fix: "Deploy it, or check its name with list.",
  });
}

function refused(): InputError {
  return new InputError("endpoint.unauthorised", "A valid workspace token is needed.", {
    status: 401,
    fix: "Send `Authorization: Bearer wt_...`; issue_token makes one.",
  });
}
