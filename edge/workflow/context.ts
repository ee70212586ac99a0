import { Validator } from "@cfworker/json-schema";
import type { WorkflowNode } from "#blueprints/blueprint";
import { ConfigurationError, InputError, UpstreamError } from "#blueprints/error";
import { evaluateExpression } from "#blueprints/expression";
import type { Arrival, NodeContext } from "#blueprints/node-context";
import { deserializeError } from "#blueprints/outcome";
import { render } from "#blueprints/template";
import { secretHandle } from "#edge/isolates/handles";
import type { FunctionOutcome } from "#edge/isolates/isolate";
import type { RunState, StepEffect } from "./history.ts";
import type { Outside } from "./outside.ts";
import type { RunRequest } from "./run-api.ts";

/** Characters of one log line, and lines of one step. */
const logLimits = { line: 2_000, lines: 200 } as const;

export interface StepInvocation {
  readonly run: RunRequest;
  readonly state: RunState;
  readonly node: WorkflowNode;
  readonly attempt: number;
  readonly arrival?: Arrival;
  readonly signal: AbortSignal;
  readonly outside: Outside;
  /** Hosts that the node's config writes out. */
  hosts(): readonly string[];
  now(): number;
  emit(event: { readonly type: string; readonly data: unknown }): void;
}

/** What a handler did beside its result; recorded with the step. */
export interface StepRecord {
  readonly logs: string[];
  readonly effects: StepEffect[];
  readonly variables: Record<string, unknown>;
}

/** What expressions see; `secrets.<NAME>` is a handle, never a value. */
export function createScope(run: RunRequest, state: RunState): Record<string, unknown> {
  const steps: Record<string, unknown> = {};
  for (const { id, status, output, port } of state.steps.values()) {
    if (status === "succeeded") steps[id] = { output, port };
  }
  return {
    input: run.input,
    steps,
    vars: state.variables,
    run: { id: run.id, workflow: run.name, version: run.version, trigger: run.trigger },
    secrets: Object.fromEntries(run.document.secrets.map(({ name }) => [name, secretHandle(name)])),
  };
}

function idempotencyKey(runId: string, step: string): string {
  return `${runId}:${step}`;
}

/** The engine's side of `NodeContext` for one attempt of one step. */
export function createContext(invocation: StepInvocation): {
  context: NodeContext;
  record: StepRecord;
} {
  const { run, state, node, attempt, arrival, signal } = invocation;
  const record: StepRecord = { logs: [], effects: [], variables: {} };
  const scope = createScope(run, state);
  const key = idempotencyKey(run.id, node.id);
  const context: NodeContext = {
    run: { id: run.id, workspaceId: run.workspaceId, mode: run.mode },
    step: { id: node.id, attempt, idempotencyKey: key },
    ...(arrival ? { arrival } : {}),
    scope,
    signal,
    now: () => invocation.now(),
    emit: (event) => invocation.emit(event),
    evaluate: (source) => evaluateExpression(source, scope),
    render: (value) => render(value, scope),
    secret: secretHandle,
    setVariable: (name, value) => void (record.variables[name] = value),
    log: (line) => {
      if (record.logs.length < logLimits.lines) record.logs.push(line.slice(0, logLimits.line));
    },
    ...createCalls(invocation, record, key),
  };
  return { context, record };
}

type Calls = Pick<NodeContext, "fetch" | "callTool" | "callFunction" | "runCode">;

function createCalls(invocation: StepInvocation, record: StepRecord, key: string): Calls {
  const { run, outside, signal } = invocation;
  const keepsBodies = run.mode === "test";
  return {
    async fetch(url, init) {
      const request = new Request(url, { ...init, signal });
      const body = keepsBodies && typeof init?.body === "string" ? parse(init.body) : undefined;
      const effect: StepEffect = {
        kind: "http",
        target: `${request.method} ${request.url}`,
        ...(body === undefined ? {} : { body }),
      };
      record.effects.push(effect);
      const response = await outside.fetch(request, invocation.hosts());
      effect.status = response.status;
      return response;
    },
    async callTool(name, input) {
      record.effects.push({
        kind: "tool",
        target: name,
        ...(keepsBodies ? { body: input } : {}),
      });
      const result = await outside.callTool(name, input, key);
      if (result.isError) throw toolFailed(name, result.content);
      const { content, structuredContent: structured } = result;
      return { content, ...(structured === undefined ? {} : { structured }) };
    },
    async callFunction(reference, input) {
      const definition = run.document.functions[reference];
      if (definition === undefined) {
        throw new ConfigurationError(
          "function.unknown",
          `The workflow has no function "${reference}".`,
          { fix: "Deploy the function, or install it, and deploy the workflow again." },
        );
      }
      checkInput(reference, definition.input, input);
      return answer(await outside.callFunction(definition, input), record, keepsBodies);
    },
    runCode: async (source, input) =>
      answer(await outside.runCode(source, input), record, keepsBodies),
  };
}

/** Keeps what the code fetched and, when it failed, what it logged; throws its error. */
function answer(outcome: FunctionOutcome, record: StepRecord, keepsBodies: boolean) {
  for (const { method, url, status, body } of outcome.outsideCalls) {
    record.effects.push({
      kind: "http",
      target: `${method} ${url}`,
      ...(status === undefined ? {} : { status }),
      ...(keepsBodies && body !== undefined ? { body: parse(body) } : {}),
    });
  }
  if (outcome.ok) return { output: outcome.output, logs: outcome.logs };
  record.logs.push(...outcome.logs.slice(0, logLimits.lines));
  throw deserializeError(outcome.error);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function toolFailed(name: string, content: unknown): UpstreamError {
  return new UpstreamError(
    "tool.failed",
    `The tool "${name}" reported an error: ${JSON.stringify(content).slice(0, 500)}`,
    { fix: "Check the arguments of this step, or whether the MCP server works." },
  );
}

/** @throws InputError with the first place where `value` does not fit */
export function checkInput(name: string, schema: Record<string, unknown>, value: unknown): void {
  const result = new Validator(schema, "2020-12", false).validate(value ?? null);
  if (result.valid) return;
  const problem = result.errors.at(-1);
  throw new InputError(
    "input.invalid",
    `The input of "${name}" does not fit at ${problem?.instanceLocation ?? "#"}: ${problem?.error ?? "invalid"}`,
    { fix: "Send what the input schema asks for." },
  );
}
