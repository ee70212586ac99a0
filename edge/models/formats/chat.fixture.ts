import {
  callId,
  type Format,
  type Json,
  pieces,
  readCommon,
  type Reply,
} from "./format.fixture.ts";

/** Chat completions: OpenAI and all that speak like it. */
export const chat: Format = {
  speaks: (path) => path.endsWith("/chat/completions"),
  read: (body) => readCommon(body, [null, body["messages"]]),
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
      ...(reply.uncounted ? {} : { usage: openaiUsage(reply) }),
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
      ...(reply.uncounted ? [] : [{ ...head, choices: [], usage: openaiUsage(reply) }]),
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
