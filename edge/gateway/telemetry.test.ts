import { afterEach, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { echoServer, modern, modernHeaders, network, place, post, rpc } from "./gateway.fixture.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const traceId = "0af7651916cd43dd8448eb211c80319c";
const caller = `00-${traceId}-b7ad6b7169203331-01`;

/** A workspace in front of an echo server; answers what `traceparent` a call reaches that server with. */
async function traced({ exports }: { exports: boolean }) {
  const seen = network({
    "up.example": echoServer().fetch,
    "collector.example": async () => new Response("{}"),
  });
  const where = await place();
  const source = { kind: "external" as const, url: "https://up.example/mcp" };
  unwrap(await where.stub.linkMcp({ alias: "up", source, auth: { type: "none" } }));
  const telemetry = { endpoint: "https://collector.example", headers: {} };
  if (exports) unwrap(await where.stub.changeSettings({ telemetry }));
  const { token } = await where.token();
  const call = async (body: { params: object }, headers: Record<string, string>) => {
    await (await post(where, token, body, headers)).text();
    const called = seen.requests.findLast(({ body: text }) => text.includes(`"tools/call"`));
    const { params } = JSON.parse(called?.body ?? "{}") as {
      params: { _meta?: { traceparent?: string } };
    };
    return params["_meta"]?.traceparent;
  };
  return call;
}

const params = { name: "up__echo", arguments: {} };

it("the server behind the workspace gets a span of ours, in the caller's trace", async () => {
  const call = await traced({ exports: true });
  const handed = await call(rpc("tools/call", { ...params, _meta: { traceparent: caller } }), {});
  expect(handed).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
  expect(handed).not.toBe(caller);
});

it("a trace in the HTTP header counts as one in the message, in both eras", async () => {
  const call = await traced({ exports: true });
  const headers = { traceparent: caller };
  expect(await call(rpc("tools/call", params), headers)).toContain(traceId);
  const both = { ...headers, ...modernHeaders("tools/call", "up__echo") };
  expect(await call(modern("tools/call", params), both)).toContain(traceId);
});

it("what is no trace begins a new one", async () => {
  const call = await traced({ exports: true });
  for (const traceparent of ["", "00-zz-1-01", `00-${"0".repeat(32)}-b7ad6b7169203331-01`]) {
    const handed = await call(rpc("tools/call", { ...params, _meta: { traceparent } }), {});
    expect(handed).toMatch(/^00-(?!0{32})[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  }
});

it("where nothing is exported the caller's trace goes on as it is, and none is made up", async () => {
  const call = await traced({ exports: false });
  expect(await call(rpc("tools/call", { ...params, _meta: { traceparent: caller } }), {})).toBe(
    caller,
  );
  expect(await call(rpc("tools/call", params), {})).toBeUndefined();
});
