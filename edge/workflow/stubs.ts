import { z } from "zod";
import { UpstreamError } from "#blueprints/error";
import type { ModelAnswer, ModelCall } from "#blueprints/model";
import type { ChildResult } from "#blueprints/node-context";
import { nodes } from "#edge/nodes/index";
import { digestWith } from "./digest.ts";
import { type CodeRunner, type Outside } from "./outside.ts";
import type { RunParent, RunRequest } from "./run-api.ts";
import { sampleOf } from "#blueprints/sample";

type Stub = NonNullable<RunRequest["stubs"]>[number];

function find(stubs: readonly Stub[], names: readonly string[]): Stub | undefined {
  return stubs.find(({ match }) => names.includes(match));
}

/** The first stub that names one of these; a test without a stub gets a plain success. */
function answer(stubs: readonly Stub[], names: readonly string[]): Stub {
  return find(stubs, names) ?? { match: "", status: 200, body: { ok: true } };
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

const turns = z.object({ turns: z.array(z.unknown()).min(1) });

/** What a model says in this turn of a conversation; the last one stands for all that follow. */
function turnOf(body: unknown, { messages }: ModelCall): unknown {
  const told = turns.safeParse(body);
  if (!told.success) return body;
  const said = messages.filter(({ role }) => role === "assistant").length;
  return told.data.turns[said] ?? told.data.turns.at(-1);
}

/**
 * A text stands for itself, `{text?, tool_calls}` for calls, anything else for a structured answer;
 * `{turns: [...]}` for one of these a turn.
 */
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

function asksPeople({ document }: RunRequest, step: string): boolean {
  const node = document.workflow.nodes.find(({ id }) => id === step);
  return nodes[node?.type ?? ""]?.asksPeople === true;
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
  const own = stubs.find(({ match }) => match === step);
  const isLate = own?.status === 408;
  // Where a step asks people, its stub is what they say, or that they say nothing: no server's answer.
  const isServer = !asksPeople(run, step) || (!isLate && (own?.status ?? 0) >= 400);
  return {
    ...runner,
    standIn: { isLate, ...(own ? { answer: own.body ?? null } : {}) },
    createLink: ({ purpose }) => Promise.resolve(`https://aerostack.invalid/go/${purpose}`),
    digest: (text) => digestWith("stub", text),
    admitAttempt: () => Promise.resolve(true),
    remember: () => Promise.resolve(),
    fetch(request) {
      const url = new URL(request.url);
      const { status, body } = answer(stubs, [...(isServer ? [step] : []), url.host, url.hostname]);
      const empty = status === 204 || status === 304;
      const text = typeof body === "string" ? body : JSON.stringify(body ?? null);
      const type = typeof body === "string" ? "text/plain" : "application/json";
      return Promise.resolve(
        new Response(empty ? null : text, { status, headers: { "content-type": type } }),
      );
    },
    redact: (text) => Promise.resolve(text),
    describeTool: () =>
      Promise.resolve({ description: "", input: { type: "object" }, effect: "external" }),
    callTool(name) {
      // By its own name first: the step's stub may be what a model says.
      const { status, body } = find(stubs, [name]) ?? answer(stubs, [step]);
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
      const found = find(stubs, [step, call.model ?? "", "model"]);
      if (found && found.status >= 400) return Promise.reject(modelFailed(found.status));
      const sample = () => (call.output ? sampleOf(call.output) : { ok: true });
      const stubbed = toAnswer(found ? turnOf(found.body, call) : sample(), call);
      onText?.(stubbed.text);
      onUsage(stubbed.usage);
      return Promise.resolve(stubbed);
    },
    startDetached: () => Promise.resolve(),
    recall: () => Promise.resolve({ status: "cancelled" }),
    childId: ({ parent }) => Promise.resolve(`run_stub_${parent.step}`),
    startChild: (id, { workflow, parent }) => {
      if (parent.detached) return Promise.resolve();
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
