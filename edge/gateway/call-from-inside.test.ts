import { expect, it } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { compile } from "#edge/isolates/bundle";
import { place, type Place } from "./gateway.fixture.ts";

/** Calls over RPC, as runs and the platform's own tools make them. */

const canary = "canary-9f8e7d6c5b4a";

async function deploy(where: Place, name: string, source: string): Promise<void> {
  const definition = {
    description: "",
    input: {},
    output: {},
    effect: "pure" as const,
    code: await compile(source),
    egress: [],
    secrets: [],
  };
  unwrap(await where.stub.putLive([{ kind: "function", name, version: 1, definition }]));
}

it("a failure that quotes a secret is thrown without it", async () => {
  const where = await place();
  const actor = where.owner;
  unwrap(
    await where.stub.declareSecret({ name: "A", purpose: "", kind: "token", hosts: ["a.example"] }),
  );
  unwrap(await where.stub.putSecret("A", canary));
  await deploy(where, "leak", `export default () => { throw new Error("no: ${canary}") }`);
  const called = await where.stub.callTool({ actor, name: "fn__leak", arguments: {} });
  const ran = await where.stub.callFunction({ actor, name: "leak", input: {} });
  for (const outcome of [called, ran]) {
    expect(outcome.ok).toBe(false);
    const text = JSON.stringify(outcome);
    expect(text).toContain("[redacted]");
    expect(text).not.toContain(canary);
  }
});

it("every function call leaves a row in the call log, of whatever outcome", async () => {
  const where = await place();
  const actor = where.owner;
  await deploy(where, "fine", `export default () => 1`);
  await deploy(where, "bad", `export default () => { throw new Error("no") }`);
  for (const name of ["fine", "bad", "none"]) {
    await where.stub.callFunction({ actor, name, input: {} });
  }
  const rows = unwrap(await where.stub.callLog({}));
  const said = rows.map(({ tool, outcome }) => `${tool} ${outcome}`);
  expect(said.toSorted()).toEqual(["fn__bad failed", "fn__fine ok", "fn__none denied"]);
});
