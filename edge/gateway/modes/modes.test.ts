import { afterEach, describe, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { echoServer, network, place, type Place, post, rpc } from "#edge/gateway/gateway.fixture";
import type { TokenRequest } from "#edge/gateway/workspace-api";

afterEach(() => {
  vi.restoreAllMocks();
});

type Mode = "direct" | "search" | "code";
interface Result {
  readonly isError?: boolean;
  readonly content?: { text: string }[];
  readonly structuredContent?: Record<string, unknown>;
  readonly tools?: { name: string; description: string }[];
  readonly _meta?: Record<string, { code: string }>;
}
interface Answer {
  readonly result?: Result;
  readonly error?: { message: string };
}

/** A workspace with the echo server behind it: `echo` only reads, `drop.all` and `refuse` do not. */
async function echoPlace(): Promise<Place & { calls(): string[] }> {
  const server = echoServer();
  const seen = network({ "mcp.example": (request) => server.fetch(request) });
  const where = await place();
  const source = { kind: "external" as const, url: "https://mcp.example/mcp" };
  unwrap(await where.stub.linkMcp({ alias: "ev", source, auth: { type: "none" } }));
  const calls = () =>
    seen.requests.flatMap(({ body }) => {
      const message = JSON.parse(body) as { method: string; params: { name: string } };
      return message.method === "tools/call" ? [message.params.name] : [];
    });
  return { ...where, calls };
}

async function ask(
  where: Place,
  token: string,
  mode: Mode | undefined,
  [method, params = {}]: [method: string, params?: Record<string, unknown>],
): Promise<Answer> {
  const slug = mode === undefined ? where.identity.slug : `${where.identity.slug}?tools=${mode}`;
  return (await post(slug, token, rpc(method, params))).json();
}

const names = ({ result }: Answer) => (result?.tools ?? []).map(({ name }) => name);

async function found(where: Place, token: string, query: string): Promise<string[]> {
  const params = { name: "find_tools", arguments: { query, limit: 25 } };
  const { result } = await ask(where, token, "search", ["tools/call", params]);
  const tools = result?.structuredContent?.["tools"] as { name: string }[] | undefined;
  return (tools ?? []).map(({ name }) => name);
}

function callFound(where: Place, token: string, name: string, input: object = {}) {
  const params = { name: "call_tool", arguments: { name, arguments: input } };
  return ask(where, token, "search", ["tools/call", params]);
}

async function run(where: Place, token: string, code: string): Promise<Result> {
  const params = { name: "run_code", arguments: { code } };
  return (await ask(where, token, "code", ["tools/call", params])).result ?? {};
}

const codeOf = (result: Result) => result["_meta"]?.["dev.aerostack/error"]?.code;

const logged = async (where: Place) =>
  unwrap(await where.stub.callLog({})).map(({ mcp, tool, outcome }) => `${mcp} ${tool} ${outcome}`);

describe("each mode shows its own tools", () => {
  it("direct all of them, search two, code one that declares them", async () => {
    const where = await echoPlace();
    const { token } = await where.token();
    expect(names(await ask(where, token, undefined, ["tools/list"]))).toContain("ev__echo");
    expect(names(await ask(where, token, "direct", ["tools/list"]))).toHaveLength(4);
    expect(names(await ask(where, token, "search", ["tools/list"]))).toEqual([
      "find_tools",
      "call_tool",
    ]);
    const { result } = await ask(where, token, "code", ["tools/list"]);
    expect(result?.tools?.map(({ name }) => name)).toEqual(["run_code"]);
    expect(result?.tools?.[0]?.description).toContain(
      "/** The tool echo. */ ev__echo(input: {}): Promise<unknown>;",
    );
  });

  it("a workspace of many tools is searched unless the URL says direct", async () => {
    const where = await place();
    const tools = Array.from({ length: 201 }, (_, n) => ({
      name: `tool${n}`,
      inputSchema: { type: "object" },
    }));
    network({
      "many.example": async (request) => {
        const { id, method } = await request.json<{ id?: number; method: string }>();
        const result =
          method === "tools/list"
            ? { tools }
            : { supportedVersions: ["2026-07-28"], capabilities: { tools: {} } };
        return Response.json({ jsonrpc: "2.0", id, result });
      },
    });
    const source = { kind: "external" as const, url: "https://many.example/mcp" };
    unwrap(await where.stub.linkMcp({ alias: "many", source, auth: { type: "none" } }));
    const { token } = await where.token();
    expect(names(await ask(where, token, undefined, ["tools/list"]))).toEqual([
      "find_tools",
      "call_tool",
    ]);
    expect(names(await ask(where, token, "direct", ["tools/list"]))).toHaveLength(201);
    const narrow = await where.token({ tools: ["many__tool7"] });
    expect(names(await ask(where, narrow.token, undefined, ["tools/list"]))).toEqual([
      "many__tool7",
    ]);
    const { toolModes } = unwrap(await where.stub.describe());
    expect(toolModes).toMatchObject({ default: "search", direct: { tools: 201 } });
    expect(toolModes.search.tokens).toBeLessThan(toolModes.direct.tokens / 10);
  });
});

describe("search", () => {
  it("finds tools with their schemas, and what call_tool calls is logged as the real tool", async () => {
    const where = await echoPlace();
    const { token } = await where.token();
    expect((await found(where, token, "drop everything"))[0]).toBe("ev__drop_all_79c5c5");
    const { result } = await callFound(where, token, "ev__echo", { n: 1 });
    expect(result?.content?.[0]?.text).toBe('{"n":1}');
    expect(await logged(where)).toEqual(["ev ev__echo ok", "- find_tools ok"]);
  });

  it("sees a server that was linked a moment ago, and not one that is gone", async () => {
    const where = await echoPlace();
    const { token } = await where.token();
    expect(await found(where, token, "echo")).toContain("ev__echo");
    unwrap(await where.stub.unlinkMcp("ev"));
    expect(await found(where, token, "echo")).toEqual([]);
  });
});

describe("code", () => {
  it("calls several tools in one run, each logged, and answers a value", async () => {
    const where = await echoPlace();
    const { token } = await where.token();
    const { structuredContent } = await run(
      where,
      token,
      `const all: string[] = await Promise.all([1, 2].map((n) => tools.ev__echo({ n })));
       console.log("done");
       return all.map((text) => JSON.parse(text).n);`,
    );
    expect(structuredContent).toEqual({ result: [1, 2], logs: ["done"] });
    expect((await logged(where)).sort()).toEqual([
      "- run_code ok",
      "ev ev__echo ok",
      "ev ev__echo ok",
    ]);
  });

  it("finds tools from inside, and a tool's own error is thrown there", async () => {
    const where = await echoPlace();
    const { token } = await where.token();
    const { structuredContent } = await run(
      where,
      token,
      `const [line] = await findTools("drop");
       try { await tools.ev__drop_all_79c5c5({}); } catch (error) { return [line, error.message]; }`,
    );
    expect(structuredContent?.["result"]).toEqual([
      "/** The tool drop.all. */ ev__drop_all_79c5c5(input: {}): Promise<unknown>;",
      "dropped",
    ]);
  });

  it("has no network, a bounded number of calls, and an end", async () => {
    const where = await echoPlace();
    const { token } = await where.token();
    const outside = await run(where, token, `await fetch("https://mcp.example/");`);
    expect(codeOf(outside)).toBe("egress.host-not-allowed");
    const odd = `const r = await fetch("http://tools.invalid/", { method: "POST", body: "{" }); return await r.json();`;
    expect((await run(where, token, odd)).structuredContent?.["result"]).toMatchObject({
      error: { code: "code.bad-tool-call" },
    });
    const many = await run(
      where,
      token,
      `for (let n = 0; n < 60; n++) await tools.ev__echo({ n });`,
    );
    expect(many.content?.[0]?.text).toContain("more than 50 times");
    expect(where.calls()).toHaveLength(50);
    // Tool calls that outlive the run are not made: its id is known no more.
    const late = await where.stub.answerCode("some run", '{"name":"ev__echo"}');
    expect(late).toMatchObject({ ok: false, error: { code: "code.over" } });
  });

  it("names the line of a mistake", async () => {
    const where = await echoPlace();
    const { token } = await where.token();
    const thrown = await run(where, token, `const a = 1;\nthrow new Error("no " + a);`);
    expect(thrown.content?.[0]?.text).toContain("Error: no 1 (main.ts:2:7)");
    const syntax = await run(where, token, "return (;");
    expect(codeOf(syntax)).toBe("code.syntax");
  });

  it("a token revoked while its code runs calls nothing more", async () => {
    const where = await echoPlace();
    const { id, token } = await where.token();
    const server = echoServer();
    // Flags, not promises: those may not be shared between the test and the object.
    const state = { reached: false, go: false };
    vi.restoreAllMocks();
    const seen = network({
      "mcp.example": async (request) => {
        const answer = await server.fetch(request);
        state.reached = true;
        while (!state.go) await scheduler.wait(5);
        return answer;
      },
    });
    const running = run(where, token, `await tools.ev__echo({}); await tools.ev__echo({});`);
    await vi.waitUntil(() => state.reached);
    unwrap(await where.stub.revokeToken({ id }));
    state.go = true;
    expect((await running).content?.[0]?.text).toContain("may not call tools any more");
    // Servers of other tests are asked for their tools meanwhile.
    const calls = seen.requests.filter(({ body }) => body.includes('"tools/call"'));
    expect(calls).toHaveLength(1);
  });
});

/** What a token may do with `name`, over every way to see and to call it. */
async function reach(where: Place, token: string, name: string) {
  const declared = (await ask(where, token, "code", ["tools/list"])).result?.tools?.[0]
    ?.description;
  const direct = await ask(where, token, "direct", ["tools/call", { name, arguments: {} }]);
  const viaSearch = await callFound(where, token, name);
  const viaCode = await run(where, token, `return await tools[${JSON.stringify(name)}]({});`);
  const fromInside = await run(
    where,
    token,
    `return await findTools("echo refuse leak drop tool");`,
  );
  return {
    listed: names(await ask(where, token, "direct", ["tools/list"])).includes(name),
    found: (await found(where, token, "echo refuse leak drop tool")).includes(name),
    declared: declared?.includes(`${name}(`),
    foundInside: JSON.stringify(fromInside.structuredContent).includes(`${name}(`),
    called: direct.error === undefined,
    calledBySearch: viaSearch.error === undefined,
    calledByCode: !(viaCode.content?.[0]?.text ?? "").includes("Unknown tool"),
  };
}

const all = (value: boolean) => ({
  listed: value,
  found: value,
  declared: value,
  foundInside: value,
  called: value,
  calledBySearch: value,
  calledByCode: value,
});

describe("list, search, code and call allow the same", () => {
  const cases: [string, Partial<TokenRequest>, string, boolean][] = [
    ["a developer, a tool that writes", { role: "developer" }, "ev__leak", true],
    ["a read-only token, a tool that reads", { role: "read-only" }, "ev__echo", true],
    ["a read-only token, a tool that writes", { role: "read-only" }, "ev__leak", false],
    ["an allow list with it", { tools: ["ev__leak"] }, "ev__leak", true],
    ["an allow list without it", { tools: ["ev__leak"] }, "ev__echo", false],
    ["a tool that does not exist", { role: "admin" }, "ev__nothing", false],
  ];
  it.each(cases)("%s", async (_case, request, name, allowed) => {
    const where = await echoPlace();
    const { token } = await where.token(request);
    expect(await reach(where, token, name)).toEqual(all(allowed));
    if (!allowed) expect(where.calls()).toEqual([]);
  });

  it("a denied tool and an unknown one answer the same bytes through call_tool", async () => {
    const where = await echoPlace();
    const { token } = await where.token({ role: "read-only" });
    const denied = JSON.stringify(await callFound(where, token, "ev__leak"));
    const unknown = JSON.stringify(await callFound(where, token, "ev__nobody"));
    expect(denied.replace("ev__leak", "X")).toBe(unknown.replace("ev__nobody", "X"));
  });

  it("the tools of a mode are no way into another mode, nor into themselves", async () => {
    const where = await echoPlace();
    const { token } = await where.token();
    for (const name of ["run_code", "call_tool", "find_tools"]) {
      expect((await ask(where, token, "direct", ["tools/call", { name }])).error).toBeDefined();
      expect((await callFound(where, token, name)).error).toBeDefined();
    }
    const inner = await run(where, token, `return await tools.run_code({ code: "return 1" });`);
    expect(inner.content?.[0]?.text).toContain("Unknown tool");
  });
});
