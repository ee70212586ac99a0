import { BugError } from "#blueprints/error";
import { integrationById } from "../vocabulary/integrations/index.ts";
import type { Integration } from "../vocabulary/integration.ts";
import { type Build, type Graph, needSecret, secretName } from "./graph.ts";
import { connect, decide } from "./services.ts";

interface ModelApi {
  readonly path: string;
  readonly model: string;
  readonly header?: string;
  body(model: string, system: string, user: string): Record<string, unknown>;
  /** From the step's output to the text. */
  readonly text: string;
  /** What the API would answer, for tests. */
  stub(text: string): unknown;
}

const chatCompletions = (path: string, model: string): ModelApi => ({
  path,
  model,
  body: (name, system, user) => ({
    model: name,
    messages: [
      { role: "system", content: system },
      { role: "user", content: user },
    ],
  }),
  text: "body.choices[0].message.content",
  stub: (text) => ({ choices: [{ message: { role: "assistant", content: text } }] }),
});

const apis: Readonly<Record<string, ModelApi>> = {
  openai: chatCompletions("/v1/chat/completions", "gpt-5-mini"),
  groq: chatCompletions("/openai/v1/chat/completions", "llama-3.3-70b-versatile"),
  mistral: chatCompletions("/v1/chat/completions", "mistral-small-latest"),
  deepseek: chatCompletions("/chat/completions", "deepseek-chat"),
  openrouter: chatCompletions("/api/v1/chat/completions", "openrouter/auto"),
  perplexity: chatCompletions("/chat/completions", "sonar"),
  grok: chatCompletions("/v1/chat/completions", "grok-4"),
  anthropic: {
    path: "/v1/messages",
    model: "claude-haiku-4-5",
    header: "x-api-key",
    body: (model, system, user) => ({
      model,
      max_tokens: 2000,
      system,
      messages: [{ role: "user", content: user }],
    }),
    text: "body.content[0].text",
    stub: (text) => ({ content: [{ type: "text", text }] }),
  },
  gemini: {
    path: "/v1beta/models/gemini-2.5-flash:generateContent",
    model: "gemini-2.5-flash",
    header: "x-goog-api-key",
    body: (_, system, user) => ({
      systemInstruction: { parts: [{ text: system }] },
      contents: [{ role: "user", parts: [{ text: user }] }],
    }),
    text: "body.candidates[0].content.parts[0].text",
    stub: (text) => ({ candidates: [{ content: { parts: [{ text }] } }] }),
  },
};

/** Whether the provider can be called for text; others (voice, images) are ordinary services. */
export function canWrite(integration: Integration): boolean {
  return apis[integration.id] !== undefined;
}

/**
 * A step that asks a model: an HTTP request to its provider with the key as a secret handle. An
 * agent's step hands the provider a tool to search with, so that it may take several turns there.
 */
export function addModelCall(
  build: Build,
  graph: Graph,
  ask: {
    system: string;
    provider: Integration | undefined;
    model?: string;
    id: string;
    title: string;
    agent: boolean;
  },
): { id: string; stub: unknown; text: string } {
  const chosen =
    ask.provider && canWrite(ask.provider) ? ask.provider : integrationById.get("openai");
  const integration = chosen ?? ask.provider;
  if (!integration) throw new BugError("planner.no-provider", "OpenAI is not in the vocabulary.");
  const api = apis[integration.id] ?? chatCompletions("/v1/chat/completions", "gpt-5-mini");
  const assumed = ask.provider?.id !== integration.id;
  const host = integration.host ?? "api.openai.com";
  const secret = needSecret(
    build,
    secretName(integration.id, "API_KEY"),
    `API key of ${integration.name}, for the step "${ask.title}".`,
    { host },
  );
  connect(build, integration, assumed, secret);
  if (assumed) decide(build, "model", "Which model provider writes the text.", integration.id);
  build.egress.add(host);
  const headers = api.header
    ? {
        [api.header]: `{{ secrets.${secret} }}`,
        ...(integration.id === "anthropic" ? { "anthropic-version": "2023-06-01" } : {}),
      }
    : { authorization: `Bearer {{ secrets.${secret} }}` };
  const model = ask.model?.split(":").at(-1) ?? api.model;
  const webSearch = integration.id === "openai" && ask.agent;
  const body = webSearch
    ? { model, instructions: ask.system, input: graph.said(), tools: [{ type: "web_search" }] }
    : api.body(model, ask.system, graph.said());
  const path = webSearch ? "/v1/responses" : api.path;
  const id = graph.add(
    "action",
    ask.id,
    { method: "POST", url: `https://${host}${path}`, headers, body },
    ask.title,
  );
  // The Responses API lists searches before the message: the text stands in the last item.
  const text = webSearch
    ? `steps.${id}.output.body.output[size(steps.${id}.output.body.output) - 1].content[0].text`
    : `steps.${id}.output.${api.text}`;
  const stub = (answer: string): unknown =>
    webSearch
      ? { output: [{ type: "message", content: [{ type: "output_text", text: answer }] }] }
      : api.stub(answer);
  return { id, text, stub: { match: id, status: 200, body: stub("yes: a short answer") } };
}
