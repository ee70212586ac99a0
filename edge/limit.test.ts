import { env as bindings, exports } from "cloudflare:workers";
import { expect, it } from "vitest";
import type { Env } from "./env.ts";
import { place } from "#edge/gateway/gateway.fixture";
import { limitPublic } from "./limit.ts";

const env = bindings as unknown as Env;
const network = { fetch: () => Promise.reject(new Error("unused")) } as unknown as Fetcher;

/**
 * How many of 250 requests pass, each from an address of its own as it says: more than twice what a
 * minute allows, for one may end in between.
 */
async function passing(where: Env, area: string): Promise<number> {
  let passed = 0;
  for (let host = 0; host < 250; host++) {
    const headers = { "CF-Connecting-IP": `198.51.100.${host}` };
    const request = new Request("https://aerostack.test/", { headers });
    passed += await limitPublic(where, request, area).then(
      () => 1,
      () => 0,
    );
  }
  return passed;
}

it("who calls names no address of their own where nobody in front of the platform does", async () => {
  expect(await passing({ ...env, PUBLIC_NETWORK: network }, "on-one-machine")).toBeLessThan(250);
  expect(await passing(env, "on-cloudflare")).toBe(250);
});

function answer(credential: string): Promise<Response> {
  return exports.default.fetch(
    "https://aerostack.test/runs/run_0000000000000000000000000z/answers",
    {
      method: "POST",
      headers: { authorization: `Bearer ${credential}`, "cf-connecting-ip": "203.0.113.92" },
      body: JSON.stringify({ step: "review", payload: {} }),
    },
  );
}

/** Of 250 answers at once. */
async function statusesOf(credential: string): Promise<Set<number>> {
  const answers = await Promise.all(Array.from({ length: 250 }, () => answer(credential)));
  return new Set(answers.map(({ status }) => status));
}

it("who answers runs with an account key is not held to what strangers may", async () => {
  const where = await place();
  expect(await statusesOf(where.ownerKey)).toEqual(new Set([404]));
  expect(await statusesOf("ak_guessed")).toContain(429);
});
