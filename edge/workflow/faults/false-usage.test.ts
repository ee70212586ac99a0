import { afterEach, expect, it, vi } from "vitest";
import { network } from "#edge/gateway/gateway.fixture";
import { local, request } from "#edge/nodes/support/models.fixture";
import { env } from "#edge/workflow/run.fixture";
import { readTrace, startRun } from "#edge/workflow/start";

afterEach(() => vi.restoreAllMocks());

/** JSON as text: no value of JavaScript prints as `1e999`, and that is what a provider may send. */
const usageOf = (input: string, output: string, cached: string) =>
  `{"prompt_tokens":${input},"completion_tokens":${output},"total_tokens":1,` +
  `"prompt_tokens_details":{"cached_tokens":${cached}}}`;

const head = '"id":"x","object":"chat.completion","created":1,"model":"m"';

const pieceOf = (usage: string, delta: string, reason: string) =>
  `data: {${head},"choices":[{"index":0,"delta":${delta},"finish_reason":${reason}}],"usage":${usage}}\n\n`;

/** A provider that says this of its usage in each piece of a stream, which may break; or at once. */
function provider(usage: string, isBroken: boolean) {
  const answer = async (sent: Request) => {
    const { stream } = await sent.json<{ stream?: boolean }>();
    if (!stream) {
      const message = '{"role":"assistant","content":"one two four"}';
      const choices = `[{"index":0,"message":${message},"finish_reason":"stop"}]`;
      const whole = `{${head},"choices":${choices},"usage":${usage}}`;
      return new Response(whole, { headers: { "content-type": "application/json" } });
    }
    const said = pieceOf(usage, '{"role":"assistant","content":"one two four"}', "null");
    const end = isBroken ? "" : `${pieceOf(usage, "{}", '"stop"')}data: [DONE]\n\n`;
    return new Response(said + end, { headers: { "content-type": "text/event-stream" } });
  };
  network({ "models.test": answer });
}

const lies = [
  ["less than nothing", usageOf("-1000000", "-5", "0")],
  ["more than any number", usageOf("1e999", "1e999", "0")],
  ["parts of tokens", usageOf("0.5", "1e300", "0")],
  ["more from its cache than it read", usageOf("8", "3", "1e15")],
  ["less than nothing from its cache", usageOf("8", "3", "-1000000")],
] as const;
const ways = [
  { way: "whole", stream: true, isBroken: false },
  { way: "broken", stream: true, isBroken: true },
  { way: "at once", stream: false, isBroken: false },
];

it.each(lies.flatMap(([lie, usage]) => ways.map((way) => ({ lie, usage, ...way }))))(
  "a provider that says $lie cannot earn tokens ($way)",
  async ({ usage, stream, isBroken }) => {
    provider(usage, isBroken);
    const node = { retry: { attempts: 2, delay_ms: 1, factor: 1 } };
    const config = { model: local, prompt: "x".repeat(400), stream };
    const run = await request("llm_call", config, { node });
    await startRun(env, run);
    const status = async () => (await readTrace(env, run.id)).status;
    await expect.poll(status, { timeout: 15_000 }).not.toMatch(/running|waiting/);
    const trace = await readTrace(env, run.id);
    const calls = trace.steps.find(({ id }) => id === "step")?.models ?? [];
    expect(calls.length).toBeGreaterThan(0);
    for (const call of calls) {
      expect(call.inputTokens).toBeGreaterThan(0);
      expect(call.outputTokens).toBeGreaterThanOrEqual(0);
      expect(call.cachedTokens ?? 0).toBeGreaterThanOrEqual(0);
      expect(call.cachedTokens ?? 0).toBeLessThanOrEqual(call.inputTokens);
      for (const count of [call.inputTokens, call.outputTokens, call.cachedTokens ?? 0])
        expect(Number.isSafeInteger(count)).toBe(true);
    }
  },
);
