import { afterEach, describe, expect, it, vi } from "vitest";
import type { ModelUsage } from "#blueprints/model";
import { network } from "#edge/gateway/gateway.fixture";
import { claude, everyFormat, local, request } from "#edge/nodes/support/models.fixture";
import { chat } from "#edge/models/formats/chat.fixture";
import { frameOf, type Json } from "#edge/models/formats/format.fixture";
import { formatOf } from "#edge/models/model-server.fixture";
import { env } from "#edge/workflow/run.fixture";
import { readTrace, startRun } from "#edge/workflow/start";

afterEach(() => vi.restoreAllMocks());

type Way = "breaks" | "breaks at once" | "ends" | "stalls" | "goes well";

/**
 * A provider that reads a million tokens and says twelve characters; `ways` says how its streams go on
 * after some text, the last one for ever. Answers how often it was asked.
 */
function provider(...ways: Way[]) {
  let asked = 0;
  const answer = async (sent: Request) => {
    const way = ways[asked] ?? ways.at(-1) ?? "goes well";
    asked += 1;
    const body = await sent.json<Json>();
    const { pathname } = new URL(sent.url);
    const format = formatOf(pathname)!;
    const isUsageWanted =
      format !== chat || "include_usage" in ((body["stream_options"] ?? {}) as Json);
    const whole = format.parts(format.read(body, pathname), {
      text: "one two four",
      inputTokens: 1_000_000,
      outputTokens: 5,
      ...(isUsageWanted ? {} : { uncounted: true }),
    });
    const text = whole.findLastIndex((part) => JSON.stringify(part).includes("four"));
    const first = whole.findIndex((part) => /four|"ur"|two f/.test(JSON.stringify(part)));
    const left =
      way === "goes well" ? whole : whole.slice(0, Math.max(1, Math.min(first, text) + 1));
    if (way === "breaks at once") left.length = 0;
    return streamOf(
      left.map((data) => frameOf(format, data)),
      way,
    );
  };
  network({
    "models.test": answer,
    "api.anthropic.com": answer,
    "api.openai.com": answer,
    "generativelanguage.googleapis.com": answer,
  });
  return () => asked;
}

function streamOf(pieces: string[], way: Way): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = pieces.shift();
      if (piece !== undefined) controller.enqueue(encoder.encode(piece));
      else if (way.startsWith("breaks")) controller.error(new Error("connection reset"));
      else if (way !== "stalls") controller.close();
      // Else it stalls: nothing more comes, and no end.
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

async function play(type: string, config: object, attempts: number, more: object = {}) {
  const node = { retry: { attempts, delay_ms: 1, factor: 1 }, ...more };
  const run = await request(type, { stream: true, ...config }, { node });
  await startRun(env, run);
  await expect
    .poll(async () => (await readTrace(env, run.id)).status, { timeout: 15_000 })
    .not.toMatch(/running|waiting/);
  const trace = await readTrace(env, run.id);
  return { trace, step: trace.steps.find(({ id }) => id === "step") };
}

const tokens = (calls: readonly ModelUsage[] = []) =>
  calls.map(({ inputTokens, outputTokens }) => inputTokens + outputTokens);

/** Formats that say at the begin, or in every piece, what was read. */
const saysEarly = [claude];

describe("fault 20: a stream that is not whole is paid for", () => {
  describe.each(everyFormat)("of %s", (model) => {
    it.each(["breaks", "ends", "stalls"] as const)(
      "%s: it counts beside the next one",
      async (way) => {
        const asked = provider(way, "goes well");
        const { trace, step } = await play("llm_call", { model, prompt: "x".repeat(400) }, 2, {
          timeout_ms: 1_500,
        });
        expect(trace).toMatchObject({ status: "succeeded", output: { text: "one two four" } });
        expect(asked()).toBe(2);
        expect(step?.models).toHaveLength(2);
        const [broken, whole] = step?.models ?? [];
        expect(whole).toMatchObject({ inputTokens: 1_000_000, outputTokens: 5 });
        expect(whole).not.toHaveProperty("estimated");
        expect(broken?.outputTokens).toBeGreaterThan(0);
        if (saysEarly.includes(model)) expect(broken?.inputTokens).toBe(1_000_000);
        // The question has 400 characters, and a little around them.
        else
          expect(broken).toMatchObject({ estimated: true, inputTokens: expect.closeTo(110, -2) });
        const sum = tokens(step?.models).reduce((all, one) => all + one, 0);
        expect(trace.output).toMatchObject({ usage: { calls: 2, tokens: sum } });
      },
    );
  });

  it("also where it breaks before its first word: the question was read", async () => {
    const asked = provider("breaks at once", "goes well");
    const { step } = await play("llm_call", { model: local, prompt: "x".repeat(400) }, 2);
    expect(asked()).toBe(2);
    expect(step?.models).toMatchObject([
      { estimated: true, inputTokens: expect.closeTo(110, -2), outputTokens: 0 },
      { inputTokens: 1_000_000 },
    ]);
  });

  it("one that was refused, or never reached, costs nothing", async () => {
    network({ "models.test": () => Promise.resolve(new Response("", { status: 503 })) });
    const refused = await play("llm_call", { model: local, prompt: "x" }, 2);
    expect(refused.step?.models ?? []).toEqual([]);
    network({});
    const unreached = await play("llm_call", { model: local, prompt: "x" }, 2);
    expect(unreached.step?.models ?? []).toEqual([]);
  });
});

describe("a provider whose streams always break cannot spend without bound", () => {
  it("a question stops at its budget, whatever attempts are left", async () => {
    const asked = provider("breaks");
    const config = { model: claude, prompt: "x", max_cost_usd: 1.5 };
    const { trace } = await play("llm_call", config, 10);
    expect(trace.error?.code).toBe("model.budget-exhausted");
    // Each costs a dollar.
    expect(asked()).toBe(2);
  });

  it.each([
    ["tokens", { tokens: 2_500_000 }, 3],
    ["cost_usd", { cost_usd: 1.5 }, 2],
  ])("an agent stops at its limit of %s", async (limit, limits, times) => {
    const asked = provider("breaks");
    const config = { model: claude, goal: "x", limits, on_limit: "fallback" };
    const { step } = await play("agent_loop", config, 10);
    expect(step).toMatchObject({ port: "fallback", output: { limit, usage: { calls: times } } });
    expect(asked()).toBe(times);
  });
});
