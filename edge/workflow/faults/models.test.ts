import { afterEach, describe, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { network, place } from "#edge/gateway/gateway.fixture";
import { compile } from "#edge/isolates/bundle";
import { local, request, serveModels, watch } from "#edge/nodes/support/models.fixture";
import { env } from "#edge/workflow/run.fixture";
import { readTrace, startRun } from "#edge/workflow/start";

afterEach(() => vi.restoreAllMocks());

const head = { id: "c1", object: "chat.completion", created: 1, model: "tiny" };
const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
const message = (content: string, more: object = {}) => ({ role: "assistant", content, ...more });
const answer = (...choices: object[]) => Response.json({ ...head, choices, usage });
const good = () => answer({ index: 0, message: message("fine"), finish_reason: "stop" });

const delta = (content: string) =>
  `data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`;
const end = `data: ${JSON.stringify({ ...head, choices: [{ index: 0, delta: {}, finish_reason: "stop" }], usage })}\n\ndata: [DONE]\n\n`;

/** Pieces of a stream, and how it goes on after them. */
function streamOf(pieces: readonly string[], then: "ends" | "breaks" | "stalls"): Response {
  const encoder = new TextEncoder();
  const left = [...pieces];
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = left.shift();
      if (piece !== undefined) controller.enqueue(encoder.encode(piece));
      else if (then === "ends") controller.close();
      else if (then === "breaks") controller.error(new Error("connection reset"));
      // Else it stalls: nothing more comes, and no end.
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

/** A model of which the first answer is this one, and all others are good. */
function failingOnce(first: () => Response | Promise<Response>, then: () => Response = good) {
  let asked = 0;
  return network({ "models.test": async () => ((asked += 1) === 1 ? first() : then()) });
}

const node = { retry: { attempts: 2, delay_ms: 1 } };

async function settled(config: object = {}, more: object = {}) {
  const run = await request(
    "llm_call",
    { model: local, prompt: "x", ...config },
    { node: { ...node, ...more } },
  );
  await startRun(env, run);
  await expect
    .poll(async () => (await readTrace(env, run.id)).status, { timeout: 8_000 })
    .not.toBe("running");
  return readTrace(env, run.id);
}

describe("fault 20: a model", () => {
  it.each([
    ["answers 429 without saying how long", () => new Response("", { status: 429 })],
    ["answers 500", () => new Response("", { status: 500 })],
    ["is overloaded (529)", () => new Response("", { status: 529 })],
    ["cannot be reached", () => Promise.reject(new TypeError("connection refused"))],
    ["gives no choice", () => answer()],
    [
      "gives what is no JSON",
      () => new Response("{", { headers: { "content-type": "application/json" } }),
    ],
  ])("that %s is asked again", async (_, first) => {
    const seen = failingOnce(first);
    const trace = await settled();
    expect(trace).toMatchObject({ status: "succeeded", output: { text: "fine" } });
    expect(seen.requests).toHaveLength(2);
  });

  it.each([
    ["breaks off in the middle", () => streamOf([delta("one "), delta("two")], "breaks")],
    ["ends before its end", () => streamOf([delta("one ")], "ends")],
    ["stalls in the middle", () => streamOf([delta("one ")], "stalls")],
  ])("whose stream %s is asked again, and a reader is told which text counts", async (_, first) => {
    const watched = Promise.withResolvers<void>();
    failingOnce(
      async () => {
        await watched.promise;
        return first();
      },
      () => streamOf([delta("three "), delta("four"), end], "ends"),
    );
    const config = { model: local, prompt: "x", stream: true };
    const run = await request("llm_call", config, { node: { ...node, timeout_ms: 1_000 } });
    const events = await watch(run, watched.resolve);
    expect(events.at(-1)).toMatchObject({
      data: { status: "succeeded", output: { text: "three four" } },
    });
    // What was said before a failure does not count: the failure stands between.
    const failed = events.findLastIndex(({ event }) =>
      ["substep-failed", "step-failed"].includes(event),
    );
    const after = events.slice(failed).filter(({ event }) => event === "text-delta");
    expect(after.map(({ data }) => (data as { text: string }).text).join("")).toBe("three four");
    expect(failed).toBeGreaterThan(events.findIndex(({ event }) => event === "text-delta"));
  });

  it("that calls a tool with what is no JSON is told so, and may try again", async () => {
    const where = await place();
    const definition = {
      description: "Gives back.",
      input: { type: "object", properties: { n: { type: "number" } }, required: ["n"] },
      output: {},
      effect: "pure" as const,
      code: await compile("export default ({ n }: { n: number }) => n;"),
      egress: [],
      secrets: [],
    };
    unwrap(await where.stub.putLive([{ kind: "function", name: "echo", version: 1, definition }]));
    const call = {
      id: "call_1",
      type: "function",
      function: { name: "fn__echo", arguments: '{"n": 1' },
    };
    const seen = failingOnce(() =>
      answer({
        index: 0,
        message: message("", { tool_calls: [call] }),
        finish_reason: "tool_calls",
      }),
    );
    const config = { model: local, goal: "x", tools: ["fn__echo"] };
    const run = await request("agent_loop", config, { where });
    await startRun(env, run);
    await expect.poll(async () => (await readTrace(env, run.id)).status).toBe("succeeded");
    expect(seen.requests[1]?.body).toContain("agent.bad-arguments");
  });

  it("that fails for good leads to the next one, and what was paid is counted", async () => {
    const server = serveModels(({ model }) =>
      model === "tiny" ? { status: 500 } : { text: "from the next" },
    );
    const trace = await settled({ fallback_models: ["anthropic:claude-haiku-4-5"] });
    expect(trace.output).toMatchObject({ text: "from the next" });
    expect(server.asked.filter(({ model }) => model !== "tiny")).toHaveLength(1);
  });
});
