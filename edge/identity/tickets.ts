import { and, eq, gt, isNull, lte, or } from "drizzle-orm";
import { InputError } from "#blueprints/error";
import { tickets } from "#edge/db/tables/tickets";
import type { Services } from "#edge/services";
import type { Role } from "./actor.ts";
import { createCredential, hashCredential } from "./credential.ts";
import { openPayload, sealPayload } from "./sealed-payload.ts";

/** A member's token, to be shown once to whoever proves to be that member. */
export interface InvitationPayload {
  readonly member: string;
  readonly role: Role;
  /** The link dies with the token. */
  readonly tokenId: string;
  readonly token: string;
  /** Of the token; milliseconds since 1970. */
  readonly expiresAt?: number;
}

/** What the ticket of each purpose carries; encrypted at rest, wiped when used. */
interface TicketPayloads {
  /** Name of a secret that the workspace has declared. */
  "enter-secret": { readonly secret: string };
  /** The key of the account `name`, to be shown once. */
  "claim-key": { readonly name: string; readonly key: string };
  "claim-token": InvitationPayload;
  /** A person signs in at the server of a link. */
  connect: {
    readonly alias: string;
    /** Empty: for everybody in the workspace. */
    readonly member: string;
    /** What more the server asks for. */
    readonly scope?: string;
  };
  /** A waiting step of a run, by path, asks for a decision. */
  review: { readonly runId: string; readonly step: string };
  /** The same for somebody who proves an address; `proof`: the link itself was sent to it. */
  verify: { readonly runId: string; readonly step: string; readonly proof?: string };
}
export type TicketPurpose = keyof TicketPayloads;

interface TicketFor<Purpose extends TicketPurpose> {
  readonly purpose: Purpose;
  /** Who asks: the page names this account. */
  readonly accountId: string;
  /** Needed by `enter-secret` and `claim-token`. */
  readonly workspaceId?: string;
  readonly payload: TicketPayloads[Purpose];
}
/** A ticket as its holder sees it, told apart by `purpose`. */
type Ticket = { [P in TicketPurpose]: TicketFor<P> }[TicketPurpose];
/** `ttlMs`: one hour where absent. */
export type TicketRequest = Ticket & { readonly ttlMs?: number };
export type OpenTicket = Ticket & { readonly expiresAt: number };

/** The links that a new member or account starts with have an address of their own. */
const paths: { readonly [Purpose in TicketPurpose]: string } = {
  "enter-secret": "go",
  "claim-key": "connect",
  "claim-token": "connect",
  connect: "go",
  review: "go",
  verify: "go",
};

const hourMs = 3_600_000;
/** How long after a process died with a ticket another request may try. */
const claimMs = 30_000;

/** A link that works once, for whoever holds it. 256 random bits; only their hash is stored. */
export async function createTicket(
  services: Services,
  request: TicketRequest,
): Promise<{ url: string; expiresAt: number }> {
  const ticket = createCredential("");
  const now = services.now();
  const row = {
    purpose: request.purpose,
    accountId: request.accountId,
    workspaceId: request.workspaceId ?? null,
    expiresAt: now + (request.ttlMs ?? hourMs),
  };
  const payload = await sealPayload(ticket, sealContext(row), request.payload);
  const hash = await hashCredential(ticket);
  await services.db.batch([
    services.db.insert(tickets).values({ hash, payload, createdAt: now, ...row }),
    // An expired ticket answers like one that never was, so nothing is lost with its row.
    services.db.delete(tickets).where(lte(tickets.expiresAt, now)),
  ]);
  return {
    url: `${services.baseUrl}/${paths[request.purpose]}/${ticket}`,
    expiresAt: row.expiresAt,
  };
}

/**
 * What the ticket is for; consumes nothing. Throws `ticket.malformed` (404), and `ticket.gone`
 * (410) for an unknown, expired or used one alike.
 */
export async function readTicket(services: Services, ticket: string): Promise<OpenTicket> {
  const hash = await hashTicket(ticket);
  const row = await services.db
    .select()
    .from(tickets)
    .where(
      and(eq(tickets.hash, hash), isNull(tickets.usedAt), gt(tickets.expiresAt, services.now())),
    )
    .get();
  if (!row) throw gone();
  return openRow(ticket, row);
}

/**
 * Uses the ticket up with the success of `use`: where that fails, the ticket stays as it was. Of
 * requests at the same time one gets to `use`, the others see `ticket.gone`, however long it takes.
 * A process that dies in between leaves the ticket usable again after half a minute, so `use` must
 * bear a repetition.
 */
export async function consumeTicket<T>(
  services: Services,
  ticket: string,
  use: (open: OpenTicket) => T | Promise<T>,
): Promise<T> {
  const hash = await hashTicket(ticket);
  const now = services.now();
  const claimedUntil = now + claimMs;
  const unclaimed = or(isNull(tickets.claimedUntil), lte(tickets.claimedUntil, now));
  const row = await services.db
    .update(tickets)
    .set({ claimedUntil })
    .where(
      and(eq(tickets.hash, hash), isNull(tickets.usedAt), gt(tickets.expiresAt, now), unclaimed),
    )
    .returning()
    .get();
  if (!row) throw gone();
  const claim = holdClaim(services, hash, claimedUntil);
  let result: T;
  try {
    result = await use(await openRow(ticket, row));
    await claim.settle();
  } catch (error) {
    await claim.settle();
    await services.db.update(tickets).set({ claimedUntil: null }).where(claim.ours());
    throw error;
  }
  // `result` leaves only after this, so that no two requests are ever shown the same key.
  const used = await services.db
    .update(tickets)
    .set({ usedAt: services.now(), payload: "" })
    .where(and(claim.ours(), isNull(tickets.usedAt)))
    .returning({ hash: tickets.hash })
    .get();
  if (!used) throw gone();
  return result;
}

/** Renews the claim of a request for as long as that works; `ours`: the row, while it is ours. */
function holdClaim(services: Services, hash: string, first: number) {
  let until = first;
  const ours = () => and(eq(tickets.hash, hash), eq(tickets.claimedUntil, until));
  const renew = async () => {
    const next = services.now() + claimMs;
    const { db } = services;
    const set = db.update(tickets).set({ claimedUntil: next }).where(ours());
    if (await set.returning({ hash: tickets.hash }).get()) until = next;
  };
  let renewal: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    // One that fails costs nothing: the claim lasts for two more.
    renewal = renew().catch(() => undefined);
  }, claimMs / 3);
  const settle = async () => {
    clearInterval(timer);
    await renewal;
  };
  return { ours, settle };
}

type TicketRow = typeof tickets.$inferSelect;

/** Binds what is sealed to the rest of the row: an edited row cannot be opened. */
function sealContext(
  row: Pick<TicketRow, "purpose" | "accountId" | "workspaceId" | "expiresAt">,
): string {
  return JSON.stringify([row.purpose, row.accountId, row.workspaceId, row.expiresAt]);
}

async function openRow(ticket: string, row: TicketRow): Promise<OpenTicket> {
  const { purpose, accountId, workspaceId, expiresAt } = row;
  // We sealed it ourselves, with the purpose in the authenticated context.
  return {
    purpose,
    accountId,
    ...(workspaceId === null ? {} : { workspaceId }),
    payload: await openPayload(ticket, sealContext(row), row.payload),
    expiresAt,
  } as OpenTicket;
}

async function hashTicket(ticket: string): Promise<string> {
  if (/^[A-Za-z0-9_-]{43}$/.test(ticket)) return hashCredential(ticket);
  throw new InputError("ticket.malformed", "This is not a complete link.", {
    status: 404,
    fix: "Copy the whole link again, to its last character.",
  });
}

function gone(): InputError {
  return new InputError("ticket.gone", "This link was used already, or has expired.", {
    status: 410,
    fix: "Ask for a new link: each works once and for a limited time.",
  });
}
