import { callId, type Format, pieces, readCommon, type Reply } from "./format.fixture.ts";

/** Anthropic's messages. */
export const messages: Format = {
  speaks: (path) => path.endsWith("/messages"),
  read: (body) => readCommon(body, [body["system"], body["messages"]]),
  nameOf: ({ type }) => String(type),
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
