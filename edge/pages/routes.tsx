import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { AerostackError, toWireError } from "#blueprints/error";
import type { ClientGuides } from "#edge/client-guide";
import type { Env } from "#edge/env";
import { consumeTicket, readTicket, type TicketPurpose } from "#edge/identity/tickets";
import { maximumValueBytes } from "#edge/gateway/secrets/value-limits";
import { incidentOf } from "#edge/incident";
import { limitPublic } from "#edge/limit";
import { createServices } from "#edge/services";
import { claimKey, claimToken } from "./claim.tsx";
import { connect } from "./connect.tsx";
import { enterSecret } from "./enter-secret.tsx";
import { failed, gone, invitationGone } from "./gone.tsx";
import { home } from "./home.tsx";
import { answer, prefersJson, protect } from "./layout.tsx";
import { assertSameSite } from "./origin.ts";
import type { Entered, TicketPage, Visit } from "./ticket-page.ts";
import { review } from "./review.tsx";
import { verify } from "./verify.tsx";
import { tooLong } from "./value.ts";

const pages: { readonly [Purpose in TicketPurpose]: TicketPage<Purpose> } = {
  "enter-secret": enterSecret,
  "claim-key": claimKey,
  "claim-token": claimToken,
  connect,
  review,
  verify,
};

/** URL-encoding makes three bytes of one; the rest is for the other fields. */
const maximumFormBytes = 3 * maximumValueBytes + 4096;

type Visitor = Context<{ Bindings: Env }>;

/**
 * Pages that a person opens: `/`, and where a ticket leads. `/connect/:ticket` is where a new member
 * or account starts, `/go/:ticket` is for all the rest; what a ticket does is decided by its purpose
 * alone. Programs may ask for JSON.
 */
export function createPageRoutes(clients: ClientGuides): Hono<{ Bindings: Env }> {
  const routes = new Hono<{ Bindings: Env }>();
  routes.get("/", (context) => answer(context, home(servicesOf(context).baseUrl)));
  for (const area of ["go", "connect"]) {
    routes.use(`/${area}/*`, async (context, next) => {
      await protect(context);
      await limitPublic(context.env, context.req.raw, "go");
      await next();
    });
    routes.get(`/${area}/:ticket`, (context) => show(context, clients));
    routes.post(`/${area}/:ticket`, limitForm, (context) => act(context, clients));
  }
  routes.onError(explain);
  return routes;
}

const limitForm = bodyLimit({
  maxSize: maximumFormBytes,
  onError: () => {
    throw tooLong();
  },
});

async function show(context: Visitor, clients: ClientGuides): Promise<Response> {
  const services = servicesOf(context);
  const ticket = await readTicket(services, context.req.param("ticket") ?? "");
  return answer(context, await pageOf(ticket.purpose).show({ services, clients, ticket }));
}

async function act(context: Visitor, clients: ClientGuides): Promise<Response> {
  const services = servicesOf(context);
  assertSameSite(context.req.raw, services.baseUrl);
  const form = await readForm(context);
  const secret = context.req.param("ticket") ?? "";
  try {
    const view = await use({ services, clients }, secret, form);
    return await answer(context, view);
  } catch (error) {
    if (!isMendable(error) || prefersJson(context.req.raw)) throw error;
    const ticket = await readTicket(services, secret);
    const problem = toWireError(error);
    const page = await pageOf(ticket.purpose).show({ services, clients, ticket }, problem, form);
    return answer(context, page, error.status);
  }
}

type Place = Pick<Visit<TicketPurpose>, "services" | "clients">;

async function use(place: Place, secret: string, form: Entered) {
  const ticket = await readTicket(place.services, secret);
  const page = pageOf(ticket.purpose);
  if (page.isShared) return page.act({ ...place, ticket }, form);
  return consumeTicket(place.services, secret, (open) =>
    page.act({ ...place, ticket: open }, form),
  );
}

/** Programs get the error of the whole house, people a page. */
function explain(error: Error, context: Visitor): Response | Promise<Response> {
  if (prefersJson(context.req.raw)) throw error;
  const wire = incidentOf(error) ?? toWireError(error);
  const status = error instanceof AerostackError ? error.status : 500;
  if (wire.code !== "ticket.gone") return answer(context, failed(wire), status);
  const page = context.req.path.startsWith("/connect/") ? invitationGone(wire) : gone(wire);
  return answer(context, page, status);
}

function servicesOf(context: Visitor) {
  return createServices(context.env, context.req.raw, context.executionCtx);
}

/** The map is typed by purpose; which one it is, only the ticket knows. */
function pageOf(purpose: TicketPurpose): TicketPage<TicketPurpose> {
  return pages[purpose] as unknown as TicketPage<TicketPurpose>;
}

async function readForm(context: Visitor): Promise<Record<string, string>> {
  const fields = Object.entries(await context.req.parseBody());
  return Object.fromEntries(
    fields.filter((one): one is [string, string] => typeof one[1] === "string"),
  );
}

function isTicketError(error: unknown): boolean {
  return error instanceof AerostackError && error.code.startsWith("ticket.");
}

/** Something that the person at the form can do better at the next attempt. */
function isMendable(error: unknown): error is AerostackError {
  return error instanceof AerostackError && error.kind !== "bug" && !isTicketError(error);
}
