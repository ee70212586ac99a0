import { z } from "zod";
import { UpstreamError } from "#blueprints/error";
import type { ModelAnswer, ModelCall } from "#blueprints/model";
import type { ChildResult } from "#blueprints/node-context";
import { type CodeRunner, type Outside } from "./outside.ts";
import type { RunParent, RunRequest } from "./run-api.ts";

type Stub = NonNullable<RunRequest["stubs"]>[number];

/** The first stub that names one of these; a test without a stub gets a plain success. */
function answer(stubs: readonly Stub[], names: readonly string[]): Stub {
  const found = stubs.find(({ match }) => names.includes(match));
  return found ?? { match: "", status: 200, body: { ok: true } };
}

function modelFailed(status: number): UpstreamError {
  return new UpstreamError("model.failed", `The stub answered ${status}.`, {
    fix: "Correct the stub of the test.",
  });
}

const toolCalls = z.object({
  text: z.string().default(""),
  tool_calls: z.array(z.object({ name: z.string(), input: z.unknown() })),
});

/** A text stands for itself, `{text?, tool_calls}` for calls, anything else for a structured answer. */
function toAnswer(body: unknown, call: ModelCall): ModelAnswer {
  const usage = { model: call.model ?? "stub", inputTokens: 0, outputTokens: 0, durationMs: 0 };
  const calls = toolCalls.safeParse(body);
  if (calls.success) {
    const { text, tool_calls } = calls.data;
    const wanted = tool_calls.map((one, index) => ({ id: `call_${index}`, ...one }));
    return { text, toolCalls: wanted, finish: "tool-calls", usage };
  }
  const text = typeof body === "string" ? body : JSON.stringify(body ?? null);
  const object = call.output === undefined ? {} : { object: body ?? null };
  return { text, ...object, toolCalls: [], finish: "stop", usage };
}

interface StubPlace {
  readonly runner: CodeRunner;
  readonly run: RunRequest;
  /** Id of the step's node. */
  readonly step: string;
  readonly endChild: (parent: RunParent, result: ChildResult) => void;
}

/**
 * What a test run sees of the world: nothing leaves, stubs answer. `endChild` tells a step how the
 * run ended that it would have started.
 */
export function createStubs({ runner, run, step, endChild }: StubPlace): Outside {
  const stubs = run.stubs ?? [];
  return {
    ...runner,
    fetch(request) {
      const url = new URL(request.url);
      const { status, body } = answer(stubs, [step, url.host, url.hostname]);
      const empty = status === 204 || status === 304;
      const text = typeof body === "string" ? body : JSON.stringify(body ?? null);
      const type = typeof body === "string" ? "text/plain" : "application/json";
      return Promise.resolve(
        new Response(empty ? null : text, { status, headers: { "content-type": type } }),
      );
    },
    callTool(name) {
      const { status, body } = answer(stubs, [step, name]);
      const text = typeof body === "string" ? body : JSON.stringify(body ?? null);
      return Promise.resolve({
        content: [{ type: "text", text }],
        ...(typeof body === "object" && body !== null && !Array.isArray(body)
          ? { structuredContent: body as Record<string, unknown> }
          : {}),
        isError: status >= 400,
      });
    },
    callModel: (call, { onText, onUsage }) => {
      const { status, body } = answer(stubs, [step, call.model ?? "", "model"]);
      if (status >= 400) return Promise.reject(modelFailed(status));
      const stubbed = toAnswer(body, call);
      onText?.(stubbed.text);
      onUsage(stubbed.usage);
      return Promise.resolve(stubbed);
    },
    childId: ({ parent }) => Promise.resolve(`run_stub_${parent.step}`),
    startChild: (id, { workflow, parent }) => {
      const { status, body } = answer(stubs, [step, workflow]);
      const error = { code: "run.stubbed", message: `The stub answered ${status}.` };
      endChild(parent, {
        id,
        ...(status >= 400 ? { status: "failed", error } : { status: "succeeded", output: body }),
      });
      return Promise.resolve();
    },
  };
}
