import { describe, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { compile } from "#edge/isolates/bundle";
import { modern, modernHeaders, place, type Place, post, rpc } from "./gateway.fixture.ts";
import type { LiveFunction } from "./live-items.ts";

const number = { type: "object", properties: { n: { type: "number" } }, required: ["n"] };

async function deployFunction(
  where: Place,
  name: string,
  source: string,
  change: Partial<LiveFunction> = {},
): Promise<void> {
  const definition: LiveFunction = {
    description: `The function ${name}.`,
    input: number,
    output: number,
    effect: "pure",
    code: await compile(source),
    egress: [],
    secrets: [],
    ...change,
  };
  unwrap(await where.stub.putLive([{ kind: "function", name, version: 1, definition }]));
}

async function call(where: Place, token: string, name: string, input: unknown) {
  const response = await post(where, token, rpc("tools/call", { name, arguments: input }));
  const { result } = await response.json<{ result: Record<string, unknown> }>();
  return result;
}

const code = (result: Record<string, unknown>) =>
  (result["_meta"] as Record<string, { code: string }>)["dev.aerostack/error"]?.code;

describe("functions", () => {
  it("are tools with their schemas, run isolated, and answer structured content", async () => {
    const where = await place();
    const { token } = await where.token({ role: "read-only" });
    await deployFunction(where, "double", `export default ({ n }) => ({ n: n * 2 })`);
    const listed = unwrap(await where.stub.listTools(where.owner));
    expect(listed).toMatchObject([
      { name: "fn__double", inputSchema: number, annotations: { readOnlyHint: true } },
    ]);
    expect(await call(where, token, "fn__double", { n: 21 })).toEqual({
      content: [{ type: "text", text: '{"n":42}' }],
      structuredContent: { n: 42 },
    });
  });

  it("never run on input that does not fit, and never answer what does not fit", async () => {
    const where = await place();
    const { token } = await where.token();
    await deployFunction(where, "wrong", `export default ({ n }) => ({ m: n })`);
    const input = await call(where, token, "fn__wrong", { n: "x" });
    expect([input["isError"], code(input)]).toEqual([true, "function.input"]);
    const output = await call(where, token, "fn__wrong", { n: 1 });
    expect([output["isError"], code(output)]).toEqual([true, "function.output"]);
  });

  it("that write are hidden from a read-only token", async () => {
    const where = await place();
    const { token } = await where.token({ role: "read-only" });
    await deployFunction(where, "send", `export default () => ({ n: 1 })`, { effect: "external" });
    const response = await post(where, token, rpc("tools/list"));
    expect(await response.json()).toMatchObject({ result: { tools: [] } });
  });

  it("a new version takes the next call", async () => {
    const where = await place();
    const { token } = await where.token();
    await deployFunction(where, "version", `export default () => ({ n: 1 })`);
    expect(await call(where, token, "fn__version", { n: 0 })).toMatchObject({
      structuredContent: { n: 1 },
    });
    await deployFunction(where, "version", `export default () => ({ n: 2 })`);
    expect(await call(where, token, "fn__version", { n: 0 })).toMatchObject({
      structuredContent: { n: 2 },
    });
  });
});

it("a skill answers its instructions", async () => {
  const where = await place();
  const { token } = await where.token({ role: "read-only" });
  const definition = { description: "Greets.", instructions: "Say hello.", functions: [] };
  unwrap(await where.stub.putLive([{ kind: "skill", name: "greet", version: 1, definition }]));
  expect(await call(where, token, "skill__greet", {})).toEqual({
    content: [{ type: "text", text: "Say hello." }],
  });
});

it("a hosted server, code of the platform's own, is linked and called like any other", async () => {
  const where = await place();
  const { token } = await where.token();
  const source = `import { defineServer } from "aerostack";
    export default defineServer({ name: "math", version: "1.0.0", tools: {
      add: { description: "Adds.", input: { type: "object" }, run: ({ a, b }) => ({ sum: a + b }) },
    } });`;
  const definition = { description: "", code: await compile(source), egress: [], secrets: [] };
  unwrap(await where.stub.putLive([{ kind: "mcp", name: "math", version: 1, definition }]));
  const link = { alias: "math", source: { kind: "hosted" as const, name: "math" } };
  const state = unwrap(await where.stub.linkMcp({ ...link, auth: { type: "none" } }));
  expect(state).toMatchObject({ state: "ready", tools: ["math__add"] });
  const result = await call(where, token, "math__add", { a: 1, b: 2 });
  expect(JSON.stringify(result)).toContain("3");
});

it("a revocation ends the streams that the token opened", async () => {
  const where = await place();
  const { id, token } = await where.token();
  const params = { notifications: { toolsListChanged: true } };
  const response = await post(
    where,
    token,
    modern("subscriptions/listen", params),
    modernHeaders("subscriptions/listen"),
  );
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  const reader = response.body!.getReader();
  expect((await reader.read()).done).toBe(false);
  let ended = false;
  const reading = (async () => {
    while (!(await reader.read()).done);
  })().then(
    () => (ended = true),
    () => (ended = true),
  );
  unwrap(await where.stub.revokeToken({ id }));
  await vi.waitUntil(() => ended);
  await reading;
});

it("an erased workspace knows nothing any more", async () => {
  const where = await place();
  const { token } = await where.token();
  unwrap(await where.stub.erase());
  expect((await post(where, token, rpc("tools/list"))).status).toBe(404);
  expect(await where.stub.listSecrets()).toMatchObject({
    ok: false,
    error: { code: "workspace.not-found" },
  });
  // Another isolate may still know the slug: neither the owner nor a second telling revives it.
  expect(await where.stub.initialise(where.identity)).toMatchObject({ ok: false });
  expect((await post(where, where.ownerKey, rpc("tools/list"))).status).toBe(404);
});
