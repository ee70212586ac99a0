import { type Format, type Json, pieces, readCommon, type Reply } from "./format.fixture.ts";

const method = /\/models\/([^/:]+):(generateContent|streamGenerateContent)$/;

/** Gemini's generateContent: the path says the model, and whether it streams. */
export const gemini: Format = {
  speaks: (path) => method.test(path),
  read(body, path) {
    const [, model = "", name] = method.exec(path) ?? [];
    const tools = ((body["tools"] ?? []) as Json[]).flatMap(
      (tool) => (tool["functionDeclarations"] ?? []) as Json[],
    );
    return {
      ...readCommon({ ...body, tools }, [body["systemInstruction"], body["contents"]]),
      body,
      model,
      stream: name === "streamGenerateContent",
    };
  },
  whole: ({ model }, reply) => ({
    ...answer(partsOf(reply), finishOf(reply)),
    ...usage(reply),
    modelVersion: model,
  }),
  parts: ({ model }, reply) => [
    ...pieces(reply.text ?? "").map((text) => ({ ...answer([{ text }]), modelVersion: model })),
    ...callsOf(reply).map((call) => ({ ...answer([call]), modelVersion: model })),
    { ...answer([{ text: "" }], finishOf(reply)), ...usage(reply), modelVersion: model },
  ],
};

const answer = (parts: readonly Json[], finishReason?: string) => ({
  responseId: "r1",
  candidates: [
    { index: 0, content: { role: "model", parts }, ...(finishReason ? { finishReason } : {}) },
  ],
});

const callsOf = ({ toolCalls = [] }: Reply) =>
  toolCalls.map(({ name, input }) => ({ functionCall: { name, args: input } }));

const partsOf = (reply: Reply) => [
  ...(reply.text ? [{ text: reply.text }] : []),
  ...callsOf(reply),
];

const finishOf = ({ finish }: Reply) => (finish === "length" ? "MAX_TOKENS" : "STOP");

const usage = ({ inputTokens = 10, outputTokens = 5 }: Reply) => ({
  usageMetadata: {
    promptTokenCount: inputTokens,
    candidatesTokenCount: outputTokens,
    totalTokenCount: inputTokens + outputTokens,
  },
});
