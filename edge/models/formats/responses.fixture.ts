import { callId, type Format, pieces, readCommon, type Reply } from "./format.fixture.ts";

/** OpenAI's responses: items of output instead of choices. */
export const responses: Format = {
  speaks: (path) => path.endsWith("/responses"),
  read: (body) => readCommon(body, [body["instructions"], body["input"]]),
  nameOf: ({ type }) => String(type),
  whole({ model }, reply) {
    return { ...head(model), ...end(reply), output: items(reply) };
  },
  parts({ model }, reply) {
    const output = items(reply).flatMap((item, index) => [
      {
        type: "response.output_item.added",
        output_index: index,
        item: item.type === "message" ? { ...item, content: [] } : { ...item, arguments: "" },
      },
      ...(item.type === "message"
        ? pieces(reply.text ?? "").map((delta) => ({
            type: "response.output_text.delta",
            item_id: item.id,
            output_index: index,
            content_index: 0,
            delta,
          }))
        : pieces(item.arguments).map((delta) => ({
            type: "response.function_call_arguments.delta",
            item_id: item.id,
            output_index: index,
            delta,
          }))),
      { type: "response.output_item.done", output_index: index, item },
    ]);
    const isCut = reply.finish === "length";
    return [
      { type: "response.created", response: { ...head(model), status: "in_progress", output: [] } },
      ...output,
      {
        type: isCut ? "response.incomplete" : "response.completed",
        response: { ...head(model), ...end(reply), output: items(reply) },
      },
    ];
  },
};

const head = (model: string) => ({ id: "resp_1", object: "response", created_at: 1, model });

const end = ({ finish, inputTokens = 10, outputTokens = 5 }: Reply) => ({
  status: finish === "length" ? "incomplete" : "completed",
  incomplete_details: finish === "length" ? { reason: "max_output_tokens" } : null,
  usage: {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: inputTokens + outputTokens,
  },
});

function items({ text = "", toolCalls = [] }: Reply) {
  return [
    ...(text === "" && toolCalls.length > 0
      ? []
      : [
          {
            type: "message" as const,
            id: "msg_1",
            role: "assistant",
            status: "completed",
            content: [{ type: "output_text", text, annotations: [] }],
          },
        ]),
    ...toolCalls.map(({ name, input }, index) => ({
      type: "function_call" as const,
      id: `fc_${index + 1}`,
      call_id: callId(index),
      status: "completed",
      name,
      arguments: JSON.stringify(input),
    })),
  ];
}
