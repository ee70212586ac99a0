import {
  AuthorizationError,
  type AuthRequest,
  CimdFetchError,
  type OAuthHelpers,
} from "@cloudflare/workers-oauth-provider";
import type { Context } from "hono";
import { AerostackError, InputError, toWireError } from "#blueprints/error";
import type { Env } from "#edge/env";
import { openFromBrowser, sealForBrowser } from "#edge/gateway/secrets/sealed-for-browser";
import { hashCredential } from "#edge/identity/credential";
import type { Role } from "#edge/identity/actor";
import { createGrant, identify, type Person, roles, rolesUpTo } from "#edge/oauth/grant";
import { issuerOf, nameOf, type Place } from "#edge/oauth/place";
import { atBase, authorizationServer } from "#edge/oauth/server";
import type { Services } from "#edge/services";
import { consent } from "./consent.tsx";
import { failed } from "./gone.tsx";
import { answer } from "./layout.tsx";
import { assertSameSite } from "./origin.ts";
import { goBack, signIn } from "./sign-in.tsx";

interface Visit {
  readonly context: Context<{ Bindings: Env }>;
  readonly services: Services;
  readonly place: Place;
  readonly oauth: OAuthHelpers;
}
type Form = Readonly<Record<string, string>>;

/** Milliseconds between proving who one is and deciding. */
const consentMs = 600_000;

/**
 * The page where a person lets a client in: first they prove who they are, then they see who asks
 * for what and decide. Nothing is decided by a GET, and the two halves are bound to one browser.
 */
export async function authorize(
  context: Context<{ Bindings: Env }>,
  services: Services,
  place: Place,
): Promise<Response> {
  const oauth = authorizationServer(services, place).getOAuthApi(services.env);
  const visit = { context, services, place, oauth };
  try {
    if (context.req.method === "GET") return await showSignIn(visit);
    if (context.req.method !== "POST") return context.notFound();
    assertSameSite(context.req.raw, services.baseUrl);
    const form = await readForm(context);
    return await (form["handle"] ? decide(visit, form) : showConsent(visit, form));
  } catch (error) {
    return refuse(context, error);
  }
}

/** To the client only where its redirect address was checked; otherwise it is said here. */
async function refuse(context: Context, error: unknown): Promise<Response> {
  if (error instanceof AuthorizationError && error.redirectTo) {
    return context.redirect(error.redirectTo, 302);
  }
  if (error instanceof AuthorizationError || error instanceof CimdFetchError) {
    const message =
      error instanceof AuthorizationError
        ? error.description
        : "The metadata of this client cannot be read.";
    const fix = "Start again from your client.";
    return answer(context, failed({ code: "oauth.request", message, fix }), 400);
  }
  if (error instanceof AerostackError && error.kind !== "bug") {
    return answer(context, failed(toWireError(error)), error.status);
  }
  throw error;
}

async function askedOf({ context, services, oauth }: Visit): Promise<AuthRequest> {
  return oauth.parseAuthRequest(atBase(services, context.req.raw));
}

async function showSignIn(visit: Visit, error?: AerostackError): Promise<Response> {
  const { context, place, oauth } = visit;
  const client = await oauth.describeConsent(await askedOf(visit));
  const problem = error && toWireError(error);
  const view = signIn({ client, place: nameOf(place), kind: place.kind, problem });
  return answer(context, view, error?.status ?? 200);
}

async function showConsent(visit: Visit, form: Form): Promise<Response> {
  const { context, services, place, oauth } = visit;
  const asked = await askedOf(visit);
  let person: Person;
  try {
    person = await identify(services, place, (form["credential"] ?? "").trim());
  } catch (error) {
    if (error instanceof AerostackError && error.kind === "input") return showSignIn(visit, error);
    throw error;
  }
  const client = await oauth.describeConsent(asked);
  const { handle, headers } = await oauth.beginConsent(asked);
  for (const cookie of headers.getSetCookie()) {
    context.header("Set-Cookie", cookie, { append: true });
  }
  const offered = person.role ? rolesUpTo(person.role) : [];
  const wanted = offered.find((role) => asked.scope.includes(role)) ?? person.role;
  const proof = await sealProof(visit, handle, person);
  const view = consent({ client, place: nameOf(place), person, offered, wanted, handle, proof });
  return answer(context, view);
}

async function decide(visit: Visit, form: Form): Promise<Response> {
  const { context, services, place, oauth } = visit;
  const handle = form["handle"] ?? "";
  const request = context.req.raw;
  if (form["decision"] !== "allow") {
    const denied = await oauth.denyConsent(request, handle);
    return leave(context, denied.redirectTo, denied.headers);
  }
  const person = await openProof(visit, handle, form["proof"] ?? "");
  const approved = await oauth.approveConsent(request, handle);
  if (approved.request.issuer !== issuerOf(services, place)) throw expired();
  const client = await oauth.describeConsent(approved.request);
  const role = roles.find((one) => one === form["role"]) ?? person.role ?? "read-only";
  const { id, grant } = await createGrant(services, place, {
    person,
    role,
    client: (client.clientDomain ?? client.clientName).slice(0, 80),
  });
  const { redirectTo } = await oauth.completeAuthorization({
    request: approved.request,
    userId: id,
    metadata: { client: client.clientName.slice(0, 80), member: person.name },
    scope: scopeOf(place, role),
    props: grant,
    // Two windows of one client are two sessions; each is taken away on its own.
    revokeExistingGrants: false,
  });
  return leave(context, redirectTo, approved.headers);
}

function scopeOf(place: Place, role: Role): string[] {
  return place.kind === "workspace" ? [role] : [];
}

function leave(context: Context, url: string, headers: Headers): Promise<Response> {
  for (const cookie of headers.getSetCookie()) {
    context.header("Set-Cookie", cookie, { append: true });
  }
  return answer(context, goBack(url));
}

/** Who signed in, for the form of this one decision. */
async function sealProof(visit: Visit, handle: string, person: Person): Promise<string> {
  const { services } = visit;
  const until = services.now() + consentMs;
  return sealForBrowser(services, await proofContext(visit, handle), { value: person, until });
}

async function openProof(visit: Visit, handle: string, proof: string): Promise<Person> {
  const context = await proofContext(visit, handle);
  const person = await openFromBrowser(visit.services, context, proof);
  if (person === undefined) throw expired();
  return person as Person;
}

/** Of one place and one page: what was proved elsewhere proves nothing here. */
async function proofContext({ services, place }: Visit, handle: string): Promise<string[]> {
  return ["oauth-sign-in", issuerOf(services, place), await hashCredential(handle)];
}

function expired(): InputError {
  return new InputError("oauth.expired", "This page has expired.", {
    status: 410,
    fix: "Start again from your client.",
  });
}

async function readForm(context: Context): Promise<Form> {
  const fields = Object.entries(await context.req.parseBody());
  return Object.fromEntries(
    fields.filter((one): one is [string, string] => typeof one[1] === "string"),
  );
}
