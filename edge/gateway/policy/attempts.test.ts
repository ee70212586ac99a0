import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { openWorkspaceDatabase } from "#edge/db/workspace-database";
import type { Env } from "#edge/env";
import { place } from "#edge/gateway/gateway.fixture";
import { Attempts } from "./attempts.ts";

const hour = 3_600_000;

/** With a clock that the test turns. */
async function play(work: (attempts: Attempts, clock: { now: number }) => void): Promise<void> {
  const { WORKSPACE } = env as unknown as Env;
  await runInDurableObject(WORKSPACE.get(WORKSPACE.newUniqueId()), (_, { storage }) => {
    const clock = { now: 1_800_000_000_000 };
    const database = openWorkspaceDatabase(storage);
    work(new Attempts({ database, now: () => clock.now }), clock);
  });
}

const times = (count: number, work: () => boolean) => Array.from({ length: count }, work);

it("ten challenges an hour reach an address, and other addresses their own ten", async () => {
  await play((attempts, clock) => {
    const challenge = (subject: string) => () => attempts.admit("challenge", subject);
    expect(times(11, challenge("ada"))).toEqual([...times(10, () => true), false]);
    expect(challenge("bob")()).toBe(true);
    clock.now += hour - 1;
    expect(challenge("ada")()).toBe(false);
    clock.now += 1;
    expect(challenge("ada")()).toBe(true);
  });
});

it("after twenty wrong answers a day no challenge is sent, however many runs ask", async () => {
  await play((attempts, clock) => {
    const wrong = () => attempts.admit("wrong-answer", "ada");
    expect(times(20, wrong)).not.toContain(false);
    expect(wrong()).toBe(false);
    expect(attempts.admit("challenge", "ada")).toBe(false);
    clock.now += 24 * hour;
    expect(attempts.admit("challenge", "ada")).toBe(true);
  });
});

it("a workspace remembers for all who ask it, and for itself alone", async () => {
  const [one, other] = [await place(), await place()];
  for (let made = 0; made < 10; made++) {
    expect(unwrap(await one.stub.admitAttempt("challenge", "ada"))).toBe(true);
  }
  expect(unwrap(await one.stub.admitAttempt("challenge", "ada"))).toBe(false);
  expect(unwrap(await other.stub.admitAttempt("challenge", "ada"))).toBe(true);
});
