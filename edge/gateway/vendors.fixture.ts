import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

type Json = Record<string, unknown>;

/** What a model is made to call: a tool by its name in the request, and arguments. */
export interface Wish {
  /** Finds the tool among the names of the request; none: it makes up a name. */
  readonly tool: RegExp;
  readonly arguments: Json;
}

export interface Vendor {
  readonly url: string;
  readonly server: Server;
  /** Bodies of the requests, oldest first. */
  readonly bodies: Json[];
}

/**
 * A model server that speaks the wire formats of OpenAI (both APIs), Anthropic and Gemini: it first
 * calls what `wishes` say, and then answers with the results that it was sent, as text. A request
 * that the vendor would refuse is refused with 400.
 */
export async function startVendor(wishes: readonly Wish[]): Promise<Vendor> {
  const bodies: Json[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      let text = "";
      for await (const chunk of request) text += String(chunk);
      const body = JSON.parse(text) as Json;
      bodies.push(body);
      const path = request.url ?? "";
      const [, answer] = Object.entries(apis).find(([part]) => path.includes(part)) ?? [];
      const said = answer ? answer(body, wishes) : { error: { message: `no such path ${path}` } };
      response.writeHead("error" in said ? 400 : 200, { "content-type": "application/json" });
      response.end(JSON.stringify(said));
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, server, bodies };
}

const apis: Record<string, (body: Json, wishes: readonly Wish[]) => Json> = {
  "/responses": openaiResponses,
  "/chat/completions": openaiChat,
  "/messages": anthropic,
  ":generateContent": gemini,
};

const list = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : []);
const refuse = (message: string): Json => ({ error: { type: "invalid_request_error", message } });

/** The tools' names, or what is wrong with one of them. */
function namesOf(tools: Json[], schemaKey: string, name: RegExp): string[] | Json {
  for (const tool of tools) {
    const schema = tool[schemaKey] as Json | undefined;
    if (!name.test(String(tool["name"]))) return refuse(`bad name ${String(tool["name"])}`);
    if (schema?.["type"] !== "object") return refuse(`bad schema of ${String(tool["name"])}`);
  }
  return tools.map((tool) => String(tool["name"]));
}

function calls(names: string[], wishes: readonly Wish[]) {
  return wishes.map(({ tool, arguments: input }, index) => ({
    id: `call_${index + 1}`,
    name: names.find((name) => tool.test(name)) ?? "made_up",
    input,
  }));
}

/** Every call must be answered once, by its id. */
function unanswered(ids: unknown[], wishes: readonly Wish[]): Json | undefined {
  const wanted = wishes.map((_, index) => `call_${index + 1}`);
  if (JSON.stringify(ids) === JSON.stringify(wanted)) return undefined;
  return refuse(`results of ${JSON.stringify(ids)}, calls were ${JSON.stringify(wanted)}`);
}

function openaiResponses(body: Json, wishes: readonly Wish[]): Json {
  const head = { id: "resp_1", object: "response", created_at: 1, status: "completed" };
  const outputs = list(body["input"]).filter((item) => item["type"] === "function_call_output");
  const names = namesOf(list(body["tools"]), "parameters", /^[a-zA-Z0-9_-]{1,64}$/);
  if (!Array.isArray(names)) return names;
  if (outputs.length === 0) {
    const output = calls(names, wishes).map(({ id, name, input }) => {
      return {
        type: "function_call",
        id: `fc_${id}`,
        call_id: id,
        name,
        arguments: JSON.stringify(input),
      };
    });
    return { ...head, output };
  }
  const wrong = unanswered(
    outputs.map((item) => item["call_id"]),
    wishes,
  );
  if (wrong) return wrong;
  const text = outputs.map((item) => item["output"]).join("\n");
  const content = [{ type: "output_text", text, annotations: [] }];
  return {
    ...head,
    output: [{ type: "message", id: "msg_1", role: "assistant", status: "completed", content }],
  };
}

function openaiChat(body: Json, wishes: readonly Wish[]): Json {
  const answer = (message: Json, finish_reason: string): Json => ({
    id: "chatcmpl_1",
    object: "chat.completion",
    created: 1,
    model: body["model"],
    choices: [
      { index: 0, finish_reason, message: { role: "assistant", content: null, ...message } },
    ],
  });
  const functions = list(body["tools"]).map((tool) => tool["function"] as Json);
  const names = namesOf(functions, "parameters", /^[a-zA-Z0-9_-]{1,64}$/);
  if (!Array.isArray(names)) return names;
  const results = list(body["messages"]).filter((message) => message["role"] === "tool");
  if (results.length === 0) {
    const tool_calls = calls(names, wishes).map(({ id, name, input }) => {
      return { id, type: "function", function: { name, arguments: JSON.stringify(input) } };
    });
    return answer({ tool_calls }, "tool_calls");
  }
  const wrong = unanswered(
    results.map((message) => message["tool_call_id"]),
    wishes,
  );
  return wrong ?? answer({ content: results.map((one) => one["content"]).join("\n") }, "stop");
}

function anthropic(body: Json, wishes: readonly Wish[]): Json {
  const answer = (content: Json[], stop_reason: string): Json => ({
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: body["model"],
    content,
    stop_reason,
    usage: { input_tokens: 1, output_tokens: 1 },
  });
  const names = namesOf(list(body["tools"]), "input_schema", /^[a-zA-Z0-9_-]{1,64}$/);
  if (!Array.isArray(names)) return names;
  const results = list(list(body["messages"]).at(-1)?.["content"]);
  if (results[0]?.["type"] !== "tool_result") {
    const uses = calls(names, wishes).map((call) => ({ type: "tool_use", ...call }));
    return answer(uses, "tool_use");
  }
  const wrong = unanswered(
    results.map((block) => block["tool_use_id"]),
    wishes,
  );
  if (wrong) return wrong;
  const text = results
    .flatMap((block) => list(block["content"]))
    .map((part) => part["text"] ?? part["type"])
    .join("\n");
  return answer([{ type: "text", text }], "end_turn");
}

function gemini(body: Json, wishes: readonly Wish[]): Json {
  const answer = (parts: Json[]): Json => ({
    candidates: [{ index: 0, finishReason: "STOP", content: { role: "model", parts } }],
  });
  const declarations = list(body["tools"]).flatMap((tool) => list(tool["functionDeclarations"]));
  const names = namesOf(declarations, "parametersJsonSchema", /^[a-zA-Z_][a-zA-Z0-9_]{0,63}$/);
  if (!Array.isArray(names)) return names;
  const parts = list(list(body["contents"]).at(-1)?.["parts"]);
  const responses = parts.map((part) => part["functionResponse"] as Json).filter(Boolean);
  const called = calls(names, wishes);
  if (responses.length === 0) {
    return answer(
      called.map(({ id, name, input }) => ({ functionCall: { id, name, args: input } })),
    );
  }
  const wrong = unanswered(
    responses.map((one) => one["id"]),
    wishes,
  );
  if (wrong) return wrong;
  const strange = responses.find(({ name }, index) => name !== called[index]?.name);
  if (strange) return refuse(`result of ${String(strange["name"])}, which was not called`);
  return answer([{ text: responses.map((one) => JSON.stringify(one["response"])).join("\n") }]);
}
