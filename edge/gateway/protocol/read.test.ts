import { createMcpHandler, Server } from "@modelcontextprotocol/server";
import { afterEach, describe, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import {
  modern,
  modernHeaders,
  network,
  place,
  type Place,
  post,
  rpc,
} from "#edge/gateway/gateway.fixture";

afterEach(() => {
  vi.restoreAllMocks();
});

const shelf = createMcpHandler(() => {
  const capabilities = { tools: {}, resources: {}, prompts: {} };
  const server = new Server({ name: "shelf", version: "1" }, { capabilities });
  server.setRequestHandler("tools/list", () => ({ tools: [] }));
  server.setRequestHandler("resources/list", () => ({
    resources: [
      { uri: "book://one", name: "one" },
      { uri: "book://lost", name: "lost" },
    ],
  }));
  server.setRequestHandler("resources/templates/list", () => ({
    resourceTemplates: [{ uriTemplate: "page://{book}/{number}", name: "page" }],
  }));
  server.setRequestHandler("resources/read", ({ params: { uri } }) => {
    if (uri === "book://lost") throw new Error("lost");
    return { contents: [{ uri, text: `text of ${uri}` }] };
  });
  server.setRequestHandler("prompts/list", () => ({ prompts: [{ name: "summary" }] }));
  server.setRequestHandler("prompts/get", ({ params }) => ({
    messages: [{ role: "user", content: { type: "text", text: JSON.stringify(params.arguments) } }],
  }));
  return server;
});

async function shelfPlace(fetch = shelf.fetch): Promise<Place> {
  network({ "shelf.example": fetch });
  const where = await place();
  const source = { kind: "external" as const, url: "https://shelf.example/mcp" };
  unwrap(await where.stub.linkMcp({ alias: "shelf", source, auth: { type: "none" } }));
  return where;
}

type Method = "resources/read" | "prompts/get";

async function ask(where: Place, token: string, method: Method, params: Record<string, unknown>) {
  const response = await post(where, token, rpc(method, params));
  return response.json<{ result?: unknown; error?: { message: string; data?: unknown } }>();
}

async function rows(where: Place) {
  return unwrap(await where.stub.callLog({})).map(({ kind, mcp, tool, outcome, errorCode }) =>
    [kind, mcp, tool, outcome, ...(errorCode === undefined ? [] : [errorCode])].join(" "),
  );
}

describe("a read leaves exactly one row in the call log", () => {
  const cases: [string, Method, Record<string, unknown>, string][] = [
    ["a resource", "resources/read", { uri: "book://one" }, "shelf book://one ok"],
    [
      "a resource of a template, without what the caller put in",
      "resources/read",
      { uri: "page://private/7" },
      "shelf page://{book}/{number} ok",
    ],
    [
      "a resource that its server refuses",
      "resources/read",
      { uri: "book://lost" },
      "shelf book://lost tool-error rpc.-32603",
    ],
    [
      "a prompt",
      "prompts/get",
      { name: "shelf__summary", arguments: { of: "it" } },
      "shelf shelf__summary ok",
    ],
    ["an unknown prompt", "prompts/get", { name: "nope" }, "- nope denied prompt.unknown"],
  ];
  it.each(cases)("%s", async (_what, method, params, row) => {
    const where = await shelfPlace();
    const { token } = await where.token();
    const older = await ask(where, token, method, params);
    expect(await rows(where)).toEqual([`${method} ${row}`]);
    const name = String(params["uri"] ?? params["name"]);
    const newer = await post(where, token, modern(method, params), modernHeaders(method, name));
    const { result, error } = await newer.json<typeof older>();
    expect({ isResult: result !== undefined, error }).toEqual({
      isResult: older.result !== undefined,
      error: older.error,
    });
    expect(await rows(where)).toEqual([`${method} ${row}`, `${method} ${row}`]);
    expect(unwrap(await where.stub.usage({ by: "tool" }))).toMatchObject([
      { key: method, calls: 2 },
    ]);
  });

  it("one that the token may not make, or not now, or whose server is gone", async () => {
    let isGone = false;
    const where = await shelfPlace(async (request) => {
      if (isGone) throw new TypeError("connection refused");
      return shelf.fetch(request);
    });
    const other = await where.token({ tools: ["shelf__summary"] });
    const limited = await where.token({ perMinute: 1 });
    const read = { uri: "book://one" };
    const denied = await ask(where, other.token, "resources/read", read);
    expect(denied.error?.message).toBe("Resource not found: book://one");
    expect(await rows(where)).toEqual(["resources/read - book://one denied resource.denied"]);
    await ask(where, limited.token, "resources/read", read);
    await ask(where, limited.token, "resources/read", read);
    isGone = true;
    const failed = await ask(where, (await where.token()).token, "resources/read", read);
    expect(failed.error?.data).toMatchObject({ code: "mcp.unreachable" });
    expect((await rows(where)).slice(0, 3)).toEqual([
      "resources/read shelf book://one failed mcp.unreachable",
      "resources/read shelf book://one denied token.rate-limited",
      "resources/read shelf book://one ok",
    ]);
  });
});

it("what was asked and read is kept only while the workspace captures", async () => {
  const where = await shelfPlace();
  const { token } = await where.token();
  const params = { name: "shelf__summary", arguments: { of: "war", password: "hunter2hunter2" } };
  await ask(where, token, "prompts/get", params);
  expect(unwrap(await where.stub.callLog({}))[0]).not.toHaveProperty("arguments");
  unwrap(await where.stub.changeSettings({ captureCalls: true }));
  await ask(where, token, "prompts/get", params);
  const [row] = unwrap(await where.stub.callLog({}));
  expect(row?.arguments).toContain('"of":"war"');
  expect(row?.result).toContain("war");
  expect(JSON.stringify(row)).not.toContain("hunter2");
});
