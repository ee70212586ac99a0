import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { tickets } from "#edge/db/tables/tickets";
import { createCredential, hashCredential } from "./credential.ts";
import { testServices } from "./services.fixture.ts";
import { consumeTicket, createTicket, readTicket, type TicketRequest } from "./tickets.ts";

const start = 1_800_000_000_000;
let clock = start;
const services = testServices({ now: () => clock });
const gone = { code: "ticket.gone", status: 410 };
const key = "ak_" + "k".repeat(43);
const claim: TicketRequest = {
  purpose: "claim-key",
  accountId: "acc_1",
  payload: { name: "first", key },
};

beforeEach(async () => {
  clock = start;
  await services.db.delete(tickets);
});

afterEach(() => {
  vi.restoreAllMocks();
});

async function ticketOf(request: TicketRequest): Promise<string> {
  const { url } = await createTicket(services, request);
  return url.slice(url.lastIndexOf("/") + 1);
}

it("reading consumes nothing, using consumes once", async () => {
  const ticket = await ticketOf(claim);
  expect(ticket).toMatch(/^[A-Za-z0-9_-]{43}$/);
  await readTicket(services, ticket);
  expect(await readTicket(services, ticket)).toEqual({ ...claim, expiresAt: start + 3_600_000 });
  expect(await consumeTicket(services, ticket, (open) => open.payload)).toEqual(claim.payload);
  await expect(consumeTicket(services, ticket, () => 1)).rejects.toMatchObject(gone);
  await expect(readTicket(services, ticket)).rejects.toMatchObject(gone);
});

it("works until its time and not a millisecond longer", async () => {
  const ticket = await ticketOf({ ...claim, ttlMs: 60_000 });
  clock = start + 59_999;
  await readTicket(services, ticket);
  clock = start + 60_000;
  await expect(readTicket(services, ticket)).rejects.toMatchObject(gone);
  await expect(consumeTicket(services, ticket, () => 1)).rejects.toMatchObject(gone);
});

it("of many requests at once exactly one uses it", async () => {
  const ticket = await ticketOf(claim);
  let uses = 0;
  const all = await Promise.allSettled(
    Array.from({ length: 8 }, () => consumeTicket(services, ticket, () => ++uses)),
  );
  expect(all.filter((one) => one.status === "fulfilled")).toHaveLength(1);
  expect(uses).toBe(1);
});

it("stays usable where its use failed", async () => {
  const ticket = await ticketOf(claim);
  const failing = consumeTicket(services, ticket, () => Promise.reject(new Error("no room")));
  await expect(failing).rejects.toThrow("no room");
  expect(await consumeTicket(services, ticket, () => "used")).toBe("used");
});

it("is usable again half a minute after a process died with it", async () => {
  const ticket = await ticketOf(claim);
  const work = Promise.withResolvers<string>();
  const dying = consumeTicket(services, ticket, () => work.promise);
  const refused = expect(dying).rejects.toMatchObject(gone);
  await expect.poll(() => claimed()).toBe(true);
  await expect(consumeTicket(services, ticket, () => 1)).rejects.toMatchObject(gone);
  clock = start + 30_000;
  expect(await consumeTicket(services, ticket, () => "second")).toBe("second");
  work.resolve("late");
  await refused;
});

it("of two requests at once exactly one uses it, also where that takes minutes", async () => {
  const ticket = await ticketOf(claim);
  const timers = vi.spyOn(globalThis, "setInterval");
  const work = Promise.withResolvers<string>();
  const slow = consumeTicket(services, ticket, () => work.promise);
  await expect.poll(() => timers.mock.calls.length).toBe(1);
  for (let passed = 10_000; passed <= 120_000; passed += 10_000) {
    clock = start + passed;
    timers.mock.calls[0]?.[0]();
    await expect.poll(() => claimedUntil()).toBe(clock + 30_000);
    await expect(consumeTicket(services, ticket, () => "second")).rejects.toMatchObject(gone);
  }
  work.resolve("first");
  expect(await slow).toBe("first");
  await expect(consumeTicket(services, ticket, () => "third")).rejects.toMatchObject(gone);
});

async function claimedUntil(): Promise<number | null | undefined> {
  return (await services.db.select().from(tickets).get())?.claimedUntil;
}

const claimed = async () => (await claimedUntil()) !== null;

it("the database knows neither the ticket nor what it carries", async () => {
  const ticket = await ticketOf(claim);
  const row = await services.db.select().from(tickets).get();
  expect(row?.hash).toBe(await hashCredential(ticket));
  expect(JSON.stringify(row)).not.toContain(ticket);
  expect(JSON.stringify(row)).not.toContain(key);
  await consumeTicket(services, ticket, () => 1);
  expect(await services.db.select().from(tickets).get()).toMatchObject({ payload: "" });
});

it("a row that was edited cannot be opened", async () => {
  const ticket = await ticketOf(claim);
  await services.db.update(tickets).set({ purpose: "enter-secret" });
  await expect(readTicket(services, ticket)).rejects.toMatchObject({ code: "ticket.unreadable" });
});

it("unknown and malformed tickets are told apart, expired rows go away", async () => {
  await ticketOf({ ...claim, ttlMs: 1 });
  clock += 10;
  await ticketOf(claim);
  expect(await services.db.select().from(tickets).all()).toHaveLength(1);
  await expect(readTicket(services, createCredential(""))).rejects.toMatchObject(gone);
  for (const malformed of ["", "abc", "a".repeat(44), "../../etc", "a".repeat(42) + "%"])
    await expect(readTicket(services, malformed)).rejects.toMatchObject({ status: 404 });
});
