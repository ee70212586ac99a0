import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { BlueprintInput } from "#blueprints/blueprint";
import { nodes } from "#edge/nodes/index";
import { plan } from "../plan.ts";
import type { PlannerTools } from "../request.ts";

/** A model server that answers each request with the next of `answers`; records what it was asked. */
let server: Server | undefined;
afterEach(
  () => new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve())),
);

interface Asked {
  readonly path: string;
  readonly body: string;
}

async function serve(
  answers: readonly (string | number)[],
): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  server = createServer((request, response) => {
    void answerNext(request, response);
  });
  const answerNext = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? "";
    const answer = answers[Math.min(asked.length, answers.length - 1)] ?? "";
    asked.push({ path, body: await readAll(request) });
    response.setHeader("content-type", "application/json");
    if (typeof answer === "number") {
      response.statusCode = answer;
      response.end(
        JSON.stringify({ error: { message: "refused", type: "x", param: null, code: null } }),
      );
      return;
    }
    response.end(
      JSON.stringify(path.endsWith("/responses") ? asResponse(answer) : asCompletion(answer)),
    );
  };
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, asked };
}

async function readAll(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}

const asCompletion = (content: string) => ({
  id: "c1",
  object: "chat.completion",
  created: 1,
  model: "test",
  choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
});

const asResponse = (text: string) => ({
  id: "r1",
  object: "response",
  created_at: 1,
  status: "completed",
  model: "test",
  output: [
    {
      type: "message",
      id: "m1",
      role: "assistant",
      status: "completed",
      content: [{ type: "output_text", text, annotations: [] }],
    },
  ],
  usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
});

const good: BlueprintInput = {
  name: "echo",
  workflows: [
    {
      name: "echo",
      nodes: [
        { id: "start", type: "trigger", config: { source: "endpoint" } },
        {
          id: "shout",
          type: "code_block",
          config: { code: "export default (input) => ({ text: input.text });" },
        },
      ],
      edges: [{ from: "start", to: "shout" }],
    },
  ],
  endpoints: [{ name: "echo", workflow: "echo" }],
};
const bad: BlueprintInput = {
  name: "echo",
  workflows: [
    {
      name: "echo",
      nodes: [
        { id: "start", type: "trigger" },
        { id: "think", type: "telepathy" },
      ],
      edges: [{ from: "start", to: "think" }],
    },
  ],
};

function answerWith(blueprint: BlueprintInput | string): string {
  return JSON.stringify({
    blueprint_json: typeof blueprint === "string" ? blueprint : JSON.stringify(blueprint),
    summary: "An echo.",
    questions: [],
    connections: [],
    decisions: [],
    used_entries: [],
    confidence: 0.9,
  });
}

function toolsFor(url: string): PlannerTools {
  const provider = createOpenAICompatible({
    name: "test",
    baseURL: url,
    supportsStructuredOutputs: true,
  });
  return {
    catalogue: nodes,
    searchRegistry: () => Promise.resolve([]),
    now: () => 0,
    model: provider("test"),
  };
}

const intent = "an endpoint that echoes a text";

test("a model's blueprint is checked and handed over under the model's name", async () => {
  const { url, asked } = await serve([answerWith(good)]);
  const answer = await plan({ intent }, toolsFor(url));
  expect(answer.planner).toContain("test");
  expect(answer.blueprint?.name).toBe("echo");
  expect(answer.diagram).toContain("shout");
  expect(asked).toHaveLength(1);
  expect(asked[0]?.body).toContain("send_message");
  expect(asked[0]?.body).toContain("echoes a text");
});

test("the Responses format is understood as well", async () => {
  const { url, asked } = await serve([answerWith(good)]);
  const model = createOpenAI({ apiKey: "none", baseURL: url })("test");
  const answer = await plan({ intent }, { ...toolsFor(url), model });
  expect(asked[0]?.path).toBe("/v1/responses");
  expect(answer.blueprint?.name).toBe("echo");
});

test("what the check finds goes back to the model, which then gets it right", async () => {
  const { url, asked } = await serve([answerWith(bad), answerWith(good)]);
  const answer = await plan({ intent }, toolsFor(url));
  expect(asked).toHaveLength(2);
  expect(asked[1]?.body).toContain("telepathy");
  expect(answer.planner).toContain("test");
  expect(answer.warnings).toEqual([]);
});

test("output that is no JSON is asked for again", async () => {
  const { url, asked } = await serve(["Sure! Here it is:", answerWith(good)]);
  const answer = await plan({ intent }, toolsFor(url));
  expect(asked).toHaveLength(2);
  expect(answer.blueprint?.name).toBe("echo");
});

test("a model that stays wrong is asked a bounded number of times, then the embedded planner answers", async () => {
  const { url, asked } = await serve([answerWith(bad)]);
  const answer = await plan(
    { intent: "score inbound leads and notify sales in Slack" },
    toolsFor(url),
  );
  expect(asked).toHaveLength(3);
  expect(answer.planner).toBe("embedded");
  expect(answer.warnings[0]).toContain("embedded planner answered instead");
  expect(answer.blueprint?.functions?.[0]?.name).toBe("score_lead");
});

test("a model server that fails costs the model's plan, not the answer", async () => {
  const { url } = await serve([400]);
  const answer = await plan(
    { intent: "every day at 9am post the weather to Slack" },
    toolsFor(url),
  );
  expect(answer.planner).toBe("embedded");
  expect(answer.blueprint?.schedules?.[0]?.cron).toBe("0 9 * * *");
});

test("a model may say that there is nothing to build", async () => {
  const { url } = await serve([answerWith("")]);
  const answer = await plan({ intent: "what is a webhook?" }, toolsFor(url));
  expect(answer.blueprint).toBeUndefined();
  expect(answer.diagram).toBe("");
});
