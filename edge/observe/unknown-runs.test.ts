import { exports } from "cloudflare:workers";
import { expect, it } from "vitest";
import { place, services } from "#edge/gateway/gateway.fixture";
import { createId } from "#edge/id";
import { requestOf } from "#edge/workflow/run.fixture";
import { executeRun } from "#edge/workflow/start";

const address = { "cf-connecting-ip": "203.0.113.91" };

function read(credential: string, id: string, accept = "application/json") {
  const headers = { ...address, accept, authorization: `Bearer ${credential}` };
  return exports.default.fetch(`https://aerostack.test/runs/${id}`, { headers });
}

const never = () => createId("run", Date.now());

it("one address cannot have runs looked for without end that never were", async () => {
  const where = await place();
  const { token } = await where.token();
  const steps = { start: { type: "trigger" } };
  const request = requestOf(steps, [], { workspaceId: where.identity.id });
  await executeRun(services.env, request, 20_000);
  const kinds: [suffix: string, accept: string][] = [
    ["", "application/json"],
    ["", "text/html"],
    ["/events", "text/event-stream"],
  ];
  // More than twice what a minute allows: one may end in between.
  const tries = await Promise.all(
    Array.from({ length: 250 }, (_, count) => {
      const [suffix, accept] = kinds[count % 3]!;
      return read("wt_nobody", `${never()}${suffix}`, accept);
    }),
  );
  expect(new Set(tries.map(({ status }) => status))).toEqual(new Set([404, 429]));
  expect((await read(token, request.id)).status, "what is there").toBe(200);
  expect((await read(where.ownerKey, never())).status, "an account key").toBe(404);
});
