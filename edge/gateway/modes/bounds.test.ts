import { afterEach, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { echoServer, network, place, type Place, post, rpc } from "#edge/gateway/gateway.fixture";

afterEach(() => {
  vi.restoreAllMocks();
});

async function run(where: Place, token: string, code: string) {
  const call = rpc("tools/call", { name: "run_code", arguments: { code } });
  const response = await post(`${where.identity.slug}?tools=code`, token, call);
  const { result } = await response.json<{
    result: {
      structuredContent?: { result: unknown };
      _meta?: { "dev.aerostack/error"?: { code: string } };
    };
  }>();
  return {
    value: result.structuredContent?.result,
    error: result["_meta"]?.["dev.aerostack/error"]?.code,
  };
}

it("running code counts as a call of the token that runs it", async () => {
  const where = await place();
  const { token } = await where.token({ perMinute: 2 });
  expect((await run(where, token, "return 1")).value).toBe(1);
  expect((await run(where, token, "return 2")).value).toBe(2);
  expect((await run(where, token, "return 3")).error).toBe("token.rate-limited");
});

it("of a long query the beginning is searched for, also from inside code", async () => {
  network({ "up.example": echoServer().fetch });
  const where = await place();
  const source = { kind: "external" as const, url: "https://up.example/mcp" };
  unwrap(await where.stub.linkMcp({ alias: "up", source, auth: { type: "none" } }));
  const { token } = await where.token();
  const find = (before: string) =>
    run(where, token, `return (await findTools("${before}".repeat(400) + " echo")).length`);
  expect((await find("")).value).toBeGreaterThan(0);
  expect((await find("zq ")).value).toBe(0);
});
