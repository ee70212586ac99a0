import { exports } from "cloudflare:workers";
import { createMcpHandler, Server } from "@modelcontextprotocol/server";
import { afterEach, describe, expect, it, vi } from "vitest";
import { workflowSchema } from "#blueprints/blueprint";
import { unwrap } from "#blueprints/outcome";
import { network, place, type Place, post, rpc, services } from "#edge/gateway/gateway.fixture";
import { runStub } from "#edge/workflow/start";

/** A workspace with an endpoint whose runs wait for these reviewers. */
async function desk(reviewers: string[]): Promise<Place> {
  const where = await place();
  const form = {
    type: "object",
    properties: { receipt: { type: "integer" } },
    required: ["receipt"],
  };
  const material = { order: "A-17" };
  const workflow = workflowSchema.parse({
    name: "refund",
    nodes: [
      { id: "start", type: "trigger", config: { source: "endpoint" } },
      {
        id: "review",
        type: "human_review",
        config: { title: "Refund?", material, form, reviewers },
      },
    ],
    edges: [{ from: "start", to: "review" }],
  });
  const definition = { workflow, functions: {}, egress: [], secrets: [] };
  const endpoint = { workflow: "refund", description: "Refunds.", auth: "token" as const };
  unwrap(
    await where.stub.putLive([
      { kind: "workflow", name: "refund", version: 1, definition },
      { kind: "endpoint", name: "refund", version: 1, definition: endpoint },
    ]),
  );
  return where;
}

async function start(where: Place, token: string): Promise<string> {
  const url = `https://aerostack.test/e/${where.identity.slug}/refund`;
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  const response = await exports.default.fetch(url, { method: "POST", headers, body: "{}" });
  const { run_id, waits } = await response.json<{
    run_id: string;
    waits: { until: number; until_at: string }[];
  }>();
  for (const { until, until_at: at } of waits) expect(Date.parse(at)).toBe(until);
  expect(waits).toHaveLength(1);
  return run_id;
}

async function ask(where: Place, token: string, method: string, params = {}) {
  const response = await post(where, token, rpc(method, params));
  const { result, error } = await response.json<{
    result?: Record<string, unknown>;
    error?: { message: string };
  }>();
  return { result: result ?? {}, error };
}

async function toolsOf(where: Place, token: string): Promise<string[]> {
  const { result } = await ask(where, token, "tools/list");
  return (result["tools"] as { name: string }[]).map(({ name }) => name);
}

async function call(where: Place, token: string, name: string, args: object = {}) {
  const { result, error } = await ask(where, token, "tools/call", { name, arguments: args });
  const meta = result["_meta"] as Record<string, { code: string }> | undefined;
  const data = result["structuredContent"] as { reviews?: Record<string, unknown>[] } | undefined;
  return { data, code: meta?.["dev.aerostack/error"]?.code, error: error?.message };
}

afterEach(() => vi.restoreAllMocks());

const both = ["waiting_reviews", "decide_review"];
const uri = "ui://aerostack/reviews";
const answer = { decision: "approved", fields: { receipt: 7 } };

describe("the tools for reviews", () => {
  it("are shown, in every mode, to who may be asked, and to nobody else", async () => {
    const where = await desk(["rita", "role:admin"]);
    const token = async (request: object) => (await where.token(request)).token;
    const rita = await token({ member: "rita", role: "read-only" });
    const admin = await token({ member: "otto", role: "admin" });
    expect(await toolsOf(where, rita)).toEqual(both);
    expect(await toolsOf(where, admin)).toEqual(both);
    const others = [
      await token({ member: "maria" }),
      await token({ member: "rita", tools: ["fn__x"] }),
      await token({ member: "rita", heldBy: "@shown" }),
      where.ownerKey,
    ];
    for (const other of others) {
      expect(await toolsOf(where, other)).toEqual([]);
      for (const name of both) {
        expect((await call(where, other, name)).error).toBe(`Unknown tool: ${name}`);
      }
      expect((await ask(where, other, "resources/read", { uri })).error).toBeDefined();
    }
    expect(unwrap(await where.stub.listTools(where.owner))).toEqual([]);
    const none = await place();
    expect(await toolsOf(none, (await none.token({ member: "rita" })).token)).toEqual([]);
    for (const mode of ["search", "code"]) {
      const path = `${where.identity.slug}?tools=${mode}`;
      const response = await post(path, rita, rpc("tools/list"));
      expect(await response.text()).toContain("decide_review");
    }
  });

  it("leave the decision to the person: no program of a model is offered it", async () => {
    const where = await desk(["rita"]);
    const { token } = await where.token({ member: "rita" });
    const url = `https://aerostack.test/ws/${where.identity.slug}/tools`;
    const headers = { authorization: `Bearer ${token}` };
    const listed = await (await exports.default.fetch(url, { headers })).text();
    expect(listed).toContain("waiting_reviews");
    expect(listed).not.toContain("decide_review");
    const { result } = await ask(where, token, "tools/list");
    expect(result["tools"]).toMatchObject([
      { _meta: { ui: { resourceUri: uri } } },
      { _meta: { ui: { resourceUri: uri, visibility: ["app"] } } },
    ]);
    const read = await ask(where, token, "resources/read", { uri });
    expect(read.result["contents"]).toMatchObject([
      {
        uri,
        mimeType: "text/html;profile=mcp-app",
        text: expect.stringMatching(/^<!doctype html>/),
      },
    ]);
  });

  it("are shown to everybody whom a template in the list could name", async () => {
    const where = await desk(["{{ input.who }}"]);
    expect(await toolsOf(where, (await where.token({ member: "maria" })).token)).toEqual(both);
  });

  it("show what waits for this person, and take their decision once", async () => {
    const where = await desk(["rita", "maria"]);
    const rita = (await where.token({ member: "rita", role: "read-only" })).token;
    const maria = (await where.token({ member: "maria" })).token;
    const run_id = await start(where, maria);
    const mine = async () => (await call(where, rita, "waiting_reviews")).data?.reviews;
    await expect.poll(mine).toHaveLength(1);
    expect(await mine()).toMatchObject([
      { run_id, step: "review", workflow: "refund", started_by: "maria", title: "Refund?" },
    ]);
    const [review] = (await mine()) ?? [];
    expect(review?.["until_at"]).toBe(review?.["until"]);
    expect(Date.parse(String(review?.["until_at"]))).toBeGreaterThan(0);
    // Who asked is shown nothing to decide, and cannot.
    expect((await call(where, maria, "waiting_reviews")).data?.reviews).toEqual([]);
    const decision = { run_id, step: "review", answer };
    expect((await call(where, maria, "decide_review", decision)).code).toBe("review.own-request");
    const wrong = { ...decision, answer: { decision: "approved" } };
    expect((await call(where, rita, "decide_review", wrong)).code).toBe("signal.invalid");
    expect((await call(where, rita, "decide_review", decision)).code).toBeUndefined();
    const result = unwrap(await runStub(services.env, run_id).result(10_000));
    expect(result).toMatchObject({
      status: "succeeded",
      output: { fields: { receipt: 7 }, decisions: [{ reviewer: "rita" }] },
    });
    const again = await call(where, rita, "waiting_reviews", { run_id });
    expect(again.data?.reviews).toEqual([]);
    const tools = unwrap(await where.stub.callLog({ member: "rita" })).map(({ tool }) => tool);
    expect(tools).toContain("decide_review");
  });

  it("tell a client that reads text alone what is decided about, and how to answer", async () => {
    const where = await desk(["rita"]);
    const { token } = await where.token({ member: "rita" });
    const run_id = await start(where, (await where.token({ member: "maria" })).token);
    const saidBy = async (name: string, args: object) =>
      JSON.stringify((await ask(where, token, "tools/call", { name, arguments: args })).result);
    const listed = () => saidBy("waiting_reviews", { run_id });
    await expect.poll(listed).toContain("1 review waits for you.");
    const { content } = JSON.parse(await listed()) as { content: { text: string }[] };
    const [, line = ""] = content[0]?.text.split("\n") ?? [];
    expect(JSON.parse(line)).toMatchObject({
      run_id,
      material: { order: "A-17" },
      form: { properties: { fields: { required: ["receipt"] } } },
    });
    const flat = { run_id, step: "review", decision: "approved" };
    expect(await saidBy("decide_review", flat)).toContain("an answer is {");
    const empty = { run_id, step: "review", answer: { decision: "approved" } };
    expect(await saidBy("decide_review", empty)).toContain("Send all that its form asks for");
  });

  it("know no run of another workspace", async () => {
    const [where, other] = [await desk(["rita"]), await desk(["rita"])];
    const run_id = await start(other, (await other.token({ member: "maria" })).token);
    const { token } = await where.token({ member: "rita" });
    expect((await call(where, token, "waiting_reviews", { run_id })).data?.reviews).toEqual([]);
    for (const id of [run_id, "run_none"]) {
      const decision = { run_id: id, step: "review", answer };
      expect((await call(where, token, "decide_review", decision)).code).toBe("run.not-found");
    }
    expect(unwrap(await runStub(services.env, run_id).result(0)).status).toBe("waiting");
  });
});

const viewOf = { resourceUri: "ui://evil/view" };
const metas = [
  { ui: viewOf },
  { ui: { resourceUri: uri } },
  { "ui/resourceUri": uri },
  { "openai/outputTemplate": "ui://evil/view" },
];

/** An MCP server whose tools bring views. */
function viewServer() {
  const handler = createMcpHandler(() => {
    const server = new Server({ name: "views", version: "1" }, { capabilities: { tools: {} } });
    server.setRequestHandler("tools/list", () => ({
      tools: metas.map((meta, index) => ({
        name: `shown_${index}`,
        inputSchema: { type: "object" as const },
        _meta: { ...meta, "evil.test/kept": true },
      })),
    }));
    return server;
  });
  network({ "up.test": (request) => handler.fetch(request) });
}

it("what a policy refuses of them is denied in the call log, as of any tool", async () => {
  const where = await desk(["rita"]);
  const { token } = await where.token({ member: "rita" });
  const policy = { name: "none", tools: ["decide_review"], require: "false", message: "No." };
  unwrap(await where.stub.putPolicies([policy]));
  const decision = { run_id: "run_none", step: "review", answer };
  expect((await call(where, token, "decide_review", decision)).code).toBe("policy.denied");
  expect((await call(where, token, "waiting_reviews")).code).toBeUndefined();
  const rows = unwrap(await where.stub.callLog({ member: "rita" }));
  expect(rows.map(({ tool, outcome }) => [tool, outcome])).toEqual([
    ["waiting_reviews", "ok"],
    ["decide_review", "denied"],
  ]);
});

it("no view of a linked server stands beside the tools that decide", async () => {
  viewServer();
  const where = await desk(["rita"]);
  const source = { kind: "external" as const, url: "https://up.test/mcp" };
  unwrap(await where.stub.linkMcp({ alias: "up", source, auth: { type: "none" } }));
  const metasFor = async (member: string) => {
    const { result } = await ask(where, (await where.token({ member })).token, "tools/list");
    return (result["tools"] as { name: string; _meta: Record<string, unknown> }[])
      .filter(({ name }) => name.startsWith("up__"))
      .map(({ _meta: meta }) => meta);
  };
  const upstream = expect.anything();
  const kept = { "evil.test/kept": true, "dev.aerostack/upstream": upstream };
  expect(await metasFor("rita")).toEqual(metas.map(() => kept));
  expect(await metasFor("maria")).toEqual(metas.map((meta) => ({ ...meta, ...kept })));
});

it("a client that was let in is held by who holds the token, or the key, it was let in with", async () => {
  const where = await place();
  const { stub } = where;
  const grant = async (request: object) => {
    const whole = { member: "rita", role: "admin" as const, client: "Client", ...request };
    const { id } = unwrap(await stub.issueToken(whole));
    return unwrap(await stub.authenticateGrant(id));
  };
  const shown = await where.token({ member: "rita", heldBy: "@acme" });
  expect(await grant({ parentId: shown.id })).toMatchObject({ heldBy: "@acme" });
  const claimed = await grant({ parentId: (await where.token({ member: "rita" })).id });
  expect(claimed).not.toHaveProperty("heldBy");
  expect(claimed).not.toHaveProperty("byKey");
  expect(await grant({ member: "@acme" })).toMatchObject({ byKey: true });
});
