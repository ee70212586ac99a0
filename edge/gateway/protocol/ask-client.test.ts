import {
  createMcpHandler,
  inputRequired,
  inputResponse,
  Server,
} from "@modelcontextprotocol/server";
import { afterEach, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { besides, type Heard, answer as reply } from "#edge/gateway/adversarial/upstream.fixture";
import { network, place, type Place, post, rpc } from "#edge/gateway/gateway.fixture";

afterEach(() => {
  vi.restoreAllMocks();
});

/** An upstream of 2026-07-28 whose only tool asks its user for a name. */
async function askingPlace(): Promise<Place> {
  const handler = createMcpHandler(() => {
    const server = new Server({ name: "asking", version: "1" }, { capabilities: { tools: {} } });
    server.setRequestHandler("tools/list", () => ({
      tools: [{ name: "greet", inputSchema: { type: "object" } }],
    }));
    server.setRequestHandler("tools/call", (_request, context) => {
      const given = inputResponse(context.mcpReq.inputResponses, "who");
      if (given.kind !== "missing") {
        return { content: [{ type: "text", text: JSON.stringify(given) }] };
      }
      const properties = { name: { type: "string" as const } };
      const requestedSchema = { type: "object" as const, properties };
      const who = inputRequired.elicit({ message: "Who are you?", requestedSchema });
      return inputRequired({ inputRequests: { who } });
    });
    return server;
  });
  network({ "asking.example": (request) => handler.fetch(request) });
  const where = await place();
  const source = { kind: "external" as const, url: "https://asking.example/mcp" };
  unwrap(await where.stub.linkMcp({ alias: "ask", source, auth: { type: "none" } }));
  return where;
}

const version = { "mcp-protocol-version": "2025-11-25" };

async function open(where: Place, token: string, capabilities: object): Promise<string | null> {
  const clientInfo = { name: "older", version: "1" };
  const params = { protocolVersion: "2025-11-25", capabilities, clientInfo };
  const response = await post(where, token, rpc("initialize", params));
  await response.text();
  return response.headers.get("mcp-session-id");
}

function greet(where: Place, token: string, session: string | null): Promise<Response> {
  const headers = { ...version, ...(session === null ? {} : { "mcp-session-id": session }) };
  return post(where, token, rpc("tools/call", { name: "ask__greet", arguments: {} }), headers);
}

/** The next message of a stream. */
async function next(reader: ReadableStreamDefaultReader<Uint8Array>) {
  const { value } = await reader.read();
  const data = new TextDecoder().decode(value).split("data: ")[1] ?? "";
  return JSON.parse(data) as {
    id: string;
    method?: string;
    result?: { content: [{ text: string }] };
  };
}

const answer = (id: string) => ({
  jsonrpc: "2.0",
  id,
  result: { action: "accept", content: { name: "Ada" } },
});

it("a client of the initialize era is asked in the middle of its call, which is logged once", async () => {
  const where = await askingPlace();
  const { token } = await where.token();
  const session = await open(where, token, { elicitation: {} });
  const response = await greet(where, token, session);
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  const reader = response.body!.getReader();
  const question = await next(reader);
  expect(question).toMatchObject({
    method: "elicitation/create",
    params: { message: "Who are you?" },
  });
  expect((await post(where, token, answer(question.id), version)).status).toBe(202);
  expect((await next(reader)).result?.content[0].text).toContain("Ada");
  const rows = unwrap(await where.stub.callLog({}));
  expect(rows.map(({ tool, outcome }) => `${tool} ${outcome}`)).toEqual(["ask__greet ok"]);
});

it("only who was asked can answer, and only once", async () => {
  const where = await askingPlace();
  const { token } = await where.token();
  const other = await where.token({ member: "eve", role: "admin" });
  const response = await greet(where, token, await open(where, token, { elicitation: {} }));
  const reader = response.body!.getReader();
  const { id } = await next(reader);
  const forged = { ...answer(id), result: { action: "accept", content: { name: "Eve" } } };
  await (await post(where, other.token, forged, version)).text();
  await (await post(where, token, { ...forged, id: "ask_made-up" }, version)).text();
  expect((await post(where, token, answer(id), version)).status).toBe(202);
  expect((await next(reader)).result?.content[0].text).toContain("Ada");
  const late = await post(where, token, forged, version);
  await late.text();
  expect(late.status).toBeLessThan(500);
});

it("a client that cannot answer is told so and asked nothing", async () => {
  const where = await askingPlace();
  const { token } = await where.token();
  expect(await open(where, token, {})).toBeNull();
  // Sampling is not elicitation; an id that is none of ours promises nothing.
  for (const session of [
    null,
    await open(where, token, { sampling: {} }),
    "made.up",
    "x".repeat(5000),
  ]) {
    const response = await greet(where, token, session);
    const { result, error } = await response.json<{
      result?: { isError: boolean };
      error?: unknown;
    }>();
    expect(result?.isError === true || error !== undefined).toBe(true);
  }
});

/** Asks whoever it is, whatever they declared. */
const asking = (heard: Heard) =>
  reply(heard, {
    resultType: "input_required",
    inputRequests: { who: { method: "sampling/createMessage", params: {} } },
  });

it("a question beyond what the client said it can ends the call, and the log says by what", async () => {
  const { where, token } = await besides({ "tools/call": asking });
  const session = await open(where, token, { elicitation: {} });
  const headers = { ...version, "mcp-session-id": session ?? "" };
  const message = rpc("tools/call", { name: "up__do", arguments: {} });
  expect(await (await post(where, token, message, headers)).text()).toContain("client.cannot");
  expect(unwrap(await where.stub.callLog({}))).toMatchObject([
    { tool: "up__do", outcome: "failed", errorCode: "client.cannot" },
  ]);
});

it("a client that declines with an error gets a tool error, and a revocation ends the question", async () => {
  const where = await askingPlace();
  const { id: tokenId, token } = await where.token();
  const session = await open(where, token, { elicitation: {} });
  const declined = (await greet(where, token, session)).body!.getReader();
  const first = await next(declined);
  const error = { code: -1, message: "The user said no." };
  await post(where, token, { jsonrpc: "2.0", id: first.id, error }, version);
  expect((await next(declined)).result?.content[0].text).toContain("The user said no.");
  const waiting = (await greet(where, token, session)).body!.getReader();
  const second = await next(waiting);
  unwrap(await where.stub.revokeToken({ id: tokenId }));
  expect((await waiting.read()).done).toBe(true);
  expect((await post(where, token, answer(second.id), version)).status).toBe(401);
});
