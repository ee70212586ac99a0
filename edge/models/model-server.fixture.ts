type Json = Record<string, unknown>;

/** What the server says to one request. */
export interface Reply {
  readonly text?: string;
  readonly toolCalls?: readonly { readonly name: string; readonly input: Json }[];
  /** Another one than 200: the request is refused. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly finish?: "stop" | "length";
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  /** The answer comes when this does. */
  readonly after?: Promise<unknown>;
}

/** A request, the same whatever the format. */
export interface Asked {
  readonly model: string;
  readonly stream: boolean;
  /** The whole body, as it came. */
  readonly body: Json;
  /** All that the request says to the model, as JSON. */
  readonly text: string;
  /** Names of the tools that are offered. */
  readonly tools: readonly string[];
}

/**
 * A model server that speaks the wire formats of OpenAI's chat completions and Anthropic's messages,
 * streams included. `decide` says what the answer to a request is; `asked` are the requests so far.
 */
export class ModelServer {
  readonly asked: Asked[] = [];
  readonly #decide: (asked: Asked, index: number) => Reply;

  constructor(decide: (asked: Asked, index: number) => Reply) {
    this.#decide = decide;
  }

  async answer(url: string, text: string): Promise<Response> {
    const body = JSON.parse(text) as Json;
    const isAnthropic = new URL(url).pathname.endsWith("/messages");
    const asked = read(body);
    this.asked.push(asked);
    const reply = this.#decide(asked, this.asked.length - 1);
    await reply.after;
    const { status = 200, headers } = reply;
    if (status !== 200) {
      const error = { type: "error", message: `refused with ${status}` };
      return Response.json({ type: "error", error }, { status, ...(headers ? { headers } : {}) });
    }
    const format = isAnthropic ? anthropic : openai;
    if (!asked.stream) return Response.json(format.whole(asked, reply));
    const frames = format.parts(asked, reply).map((data) => {
      const named = isAnthropic ? `event: ${String((data as Json)["type"])}\n` : "";
      return `${named}data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
    });
    return new Response(frames.join(""), { headers: { "content-type": "text/event-stream" } });
  }
}

function read(body: Json): Asked {
  const tools = (Array.isArray(body["tools"]) ? body["tools"] : []) as Json[];
  return {
    model: String(body["model"]),
    stream: body["stream"] === true,
    body,
    text: JSON.stringify([body["system"], body["messages"]]),
    tools: tools.map((tool) =>
      String((tool["function"] as Json | undefined)?.["name"] ?? tool["name"]),
    ),
  };
}

interface Format {
  whole(asked: Asked, reply: Reply): unknown;
  parts(asked: Asked, reply: Reply): unknown[];
}

const callId = (index: number) => `call_${index + 1}`;

/** In three pieces, so that a reader has to put them together. */
function pieces(text: string): string[] {
  const size = Math.ceil(text.length / 3) || 1;
  return [0, 1, 2].map((index) => text.slice(index * size, (index + 1) * size)).filter(Boolean);
}

const openai: Format = {
  whole({ model }, reply) {
    const { text = "", toolCalls = [] } = reply;
    const calls = toolCalls.map(({ name, input }, index) => ({
      id: callId(index),
      type: "function",
      function: { name, arguments: JSON.stringify(input) },
    }));
    const message = {
      role: "assistant",
      content: text,
      ...(calls[0] ? { tool_calls: calls } : {}),
    };
    const choice = { index: 0, message, finish_reason: openaiFinish(reply) };
    return {
      ...openaiHead(model, "chat.completion"),
      choices: [choice],
      usage: openaiUsage(reply),
    };
  },
  parts({ model }, reply) {
    const { text = "", toolCalls = [] } = reply;
    const head = openaiHead(model, "chat.completion.chunk");
    const chunk = (delta: Json, finish: string | null = null) => ({
      ...head,
      choices: [{ index: 0, delta, finish_reason: finish }],
    });
    const calls = toolCalls.map(({ name, input }, index) =>
      chunk({
        tool_calls: [
          {
            index,
            id: callId(index),
            type: "function",
            function: { name, arguments: JSON.stringify(input) },
          },
        ],
      }),
    );
    return [
      chunk({ role: "assistant", content: "" }),
      ...pieces(text).map((content) => chunk({ content })),
      ...calls,
      chunk({}, openaiFinish(reply)),
      { ...head, choices: [], usage: openaiUsage(reply) },
      "[DONE]",
    ];
  },
};

const openaiHead = (model: string, object: string) => ({ id: "c1", object, created: 1, model });
const openaiFinish = ({ toolCalls, finish = "stop" }: Reply) =>
  toolCalls?.length ? "tool_calls" : finish;
const openaiUsage = ({ inputTokens = 10, outputTokens = 5 }: Reply) => ({
  prompt_tokens: inputTokens,
  completion_tokens: outputTokens,
  total_tokens: inputTokens + outputTokens,
});

const anthropic: Format = {
  whole({ model }, reply) {
    return {
      ...anthropicHead(model, reply),
      content: blocks(reply),
      stop_reason: stopReason(reply),
    };
  },
  parts({ model }, reply) {
    const content = blocks(reply).flatMap((block, index) => [
      {
        type: "content_block_start",
        index,
        content_block: block.type === "text" ? { type: "text", text: "" } : { ...block, input: {} },
      },
      ...(block.type === "text"
        ? pieces(block.text).map((text) => ({ type: "text_delta", text }))
        : pieces(JSON.stringify(block.input)).map((part) => ({
            type: "input_json_delta",
            partial_json: part,
          }))
      ).map((delta) => ({ type: "content_block_delta", index, delta })),
      { type: "content_block_stop", index },
    ]);
    const { outputTokens = 5 } = reply;
    return [
      { type: "message_start", message: { ...anthropicHead(model, reply), content: [] } },
      ...content,
      {
        type: "message_delta",
        delta: { stop_reason: stopReason(reply), stop_sequence: null },
        usage: { output_tokens: outputTokens },
      },
      { type: "message_stop" },
    ];
  },
};

function blocks({ text = "", toolCalls = [] }: Reply) {
  return [
    ...(text === "" ? [] : [{ type: "text" as const, text }]),
    ...toolCalls.map(({ name, input }, index) => ({
      type: "tool_use" as const,
      id: callId(index),
      name,
      input,
    })),
  ];
}

const stopReason = ({ toolCalls, finish = "stop" }: Reply) =>
  toolCalls?.length ? "tool_use" : finish === "stop" ? "end_turn" : "max_tokens";

const anthropicHead = (model: string, { inputTokens = 10, outputTokens = 5 }: Reply) => ({
  id: "msg_1",
  type: "message",
  role: "assistant",
  model,
  stop_reason: null,
  stop_sequence: null,
  usage: { input_tokens: inputTokens, output_tokens: outputTokens },
});
