import { vi } from "vitest";
import type { Asked, Reply } from "#edge/models/formats/format.fixture";
import { ModelServer } from "#edge/models/model-server.fixture";
import { type Place, place } from "#edge/gateway/gateway.fixture";
import type { RunRequest, RunTrace } from "#edge/workflow/run-api";
import { env, requestOf } from "#edge/workflow/run.fixture";
import { executeRun, readTrace, runStub, startRun } from "#edge/workflow/start";

/** What the platform's bindings name in tests. */
export const local = "openai-compatible:tiny";
export const claude = "anthropic:claude-haiku-4-5";

/** One model of each wire format: chat completions, messages, responses, generateContent. */
export const everyFormat = [
  local,
  claude,
  "openai:gpt-4.1-mini",
  "google:gemini-2.5-flash",
] as const;

/** Every request that leaves goes to a model server; `vi.restoreAllMocks` ends it. */
export function serveModels(decide: (asked: Asked, index: number) => Reply): ModelServer {
  const server = new ModelServer(decide);
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const sent = new Request(input, init);
    return server.answer(sent.url, await sent.text());
  });
  return server;
}

/** A live run of one step, in a workspace of its own. */
export async function request(
  type: string,
  config: object,
  more: Partial<RunRequest> & { where?: Place; node?: object } = {},
): Promise<RunRequest> {
  const { where = await place(), node, ...fields } = more;
  return requestOf(
    { start: { type: "trigger" }, step: { type, config, ...node } },
    [["start", "step"]],
    {
      mode: "live",
      workspaceId: where.identity.id,
      ...fields,
    },
  );
}

/** Runs one step to its end. */
export async function play(
  type: string,
  config: object,
  more?: Parameters<typeof request>[2],
): Promise<{ trace: RunTrace; step: RunTrace["steps"][number] | undefined }> {
  const run = await request(type, config, more);
  await executeRun(env, run, 20_000);
  const trace = await readTrace(env, run.id);
  return { trace, step: trace.steps.find(({ id }) => id === "step") };
}

/**
 * The events of a run's stream until it ends, as a subscriber sees them. `watching`: who is told
 * once the subscriber is there.
 */
export async function watch(
  run: RunRequest,
  watching: () => void,
): Promise<{ event: string; data: unknown }[]> {
  await startRun(env, run);
  const response = await runStub(env, run.id).stream(new Request("https://run/"));
  watching();
  const text = await response.text();
  return text.split("\n\n").flatMap((frame) => {
    const event = /^event: (.+)$/m.exec(frame)?.[1];
    const data = /^data: (.+)$/m.exec(frame)?.[1];
    return event && data ? [{ event, data: JSON.parse(data) as unknown }] : [];
  });
}
