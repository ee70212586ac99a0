import { Validator } from "@cfworker/json-schema";
import { isBot } from "#blueprints/bot";
import { BugError, ConfigurationError, InputError, UpstreamError } from "#blueprints/error";
import { evaluateExpression } from "#blueprints/expression";
import type { CaughtFailure, ConversationPort, NodeContext } from "#blueprints/node-context";
import { deserializeError } from "#blueprints/outcome";
import { render } from "#blueprints/template";
import type { LiveFunction } from "#edge/gateway/live-items";
import { secretHandle } from "#edge/isolates/handles";
import type { FunctionOutcome } from "#edge/isolates/isolate";
import { startChild } from "./children.ts";
import { detachStep } from "./detach.ts";
import type { StepEffect, StepModelUsage } from "./history.ts";
import type { RunConversation } from "./run-api.ts";
import { toJson } from "./json-value.ts";
import { createModelPort } from "./model-port.ts";
import { createRecord, type StepInvocation, type StepRecord } from "./step-invocation.ts";
import { Substeps } from "./substeps.ts";

/** Characters of one log line, and lines of one step. */
const logLimits = { line: 2_000, lines: 200 } as const;

/** The engine's side of `NodeContext` for one attempt of one step. */
export function createContext(invocation: StepInvocation): {
  context: NodeContext;
  record: StepRecord;
  substeps: Substeps;
} {
  const { program, state, step, node, random } = invocation;
  const key = `${program.run.id}:${step.path}`;
  const record = createRecord();
  const substeps = new Substeps({
    step,
    node,
    random,
    stepRecord: record,
    starts: () => state.starts,
    now: () => invocation.now(),
    record: (event, durable) => invocation.record(event, durable),
    createContext: (name) => {
      const inner = createRecord();
      const before = [...(step.substeps.get(name)?.models ?? [])];
      const place = { invocation, record: inner, before, key: `${key}/${name}` };
      return { context: createParts({ ...place, substep: refuseNested }), record: inner };
    },
  });
  const context = createParts({
    invocation,
    record,
    before: [...step.models],
    key,
    substep: (name, options, work) => substeps.run(name, options, work),
  });
  return { context, record, substeps };
}

function refuseNested(name: string): Promise<never> {
  return Promise.reject(
    new BugError("step.nested", `The sub-step "${name}" stands inside another one.`),
  );
}

interface Parts {
  readonly invocation: StepInvocation;
  readonly record: StepRecord;
  /** Model calls of failed attempts. */
  readonly before: readonly StepModelUsage[];
  /** Of the step, or of the sub-step. */
  readonly key: string;
  readonly substep: NodeContext["substep"];
}

function createParts(parts: Parts): NodeContext {
  const { invocation, record, before, key, substep } = parts;
  const { program, step, cancel, outside } = invocation;
  const scope = invocation.prepared.scope();
  const { run } = program;
  const { arrival } = step;
  const failure = failureFor(invocation);
  const conversation = conversationOf(invocation);
  return {
    run: { id: run.id, workspaceId: run.workspaceId, mode: run.mode },
    step: { id: step.node, path: step.path, attempt: step.attempt, idempotencyKey: key },
    ...(arrival ? { arrival } : {}),
    ...(failure ? { failure } : {}),
    ...(conversation ? { conversation } : {}),
    signals: step.signals,
    answers: step.answers,
    ...(outside.standIn ? { standIn: outside.standIn } : {}),
    scope,
    get signal() {
      return cancel.native;
    },
    substep,
    now: () => invocation.now(),
    emit: (event) => invocation.emit(event),
    evaluate: (source) => evaluateExpression(source, scope),
    render: (value) => render(value, scope),
    secret: (name) => secretHandle(name, run.handleTag),
    redact: (text) => invocation.outside.redact(text),
    setVariable: (name, value) => void (record.variables[name] = toJson(step.path, value)),
    log: (line) => {
      if (record.logs.length < logLimits.lines) record.logs.push(line.slice(0, logLimits.line));
    },
    startRun: (workflow, input, options) =>
      startChild(invocation, record, { workflow, input, ...options }),
    detach: (config, lastsMs) => detachStep(invocation, record, { config, lastsMs }),
    recall: (id) => outside.recall(id),
    createLink: (purpose, until, proof) =>
      outside.createLink({ purpose, step: step.path, until, ...(proof ? { proof } : {}) }),
    digest: (text) => outside.digest([run.id, step.path, text].join("\n")),
    admitAttempt: (what, address) => outside.admitAttempt(what, address),
    model: createModelPort(invocation, record, before),
    ...createCalls(invocation, record, key),
  };
}

/** What a node that catches errors has caught: the step beside it that failed first. */
function failureFor({ program, step }: StepInvocation): CaughtFailure | undefined {
  const { graph } = program;
  const failed = [...step.frame.steps.values()].find(
    (other) =>
      other.error &&
      other.status === "failed" &&
      graph.catchers.get(other.node)?.includes(step.node),
  );
  return failed?.error && { step: failed.node, error: failed.error };
}

/** In a test any bot has one: what it says there is recorded as all that would leave. */
const testConversation = { platform: "telegram", thread: "1", secrets: {} };

function conversationOf({ program, outside }: StepInvocation): ConversationPort | undefined {
  const { run } = program;
  const isTested = run.mode === "test" && isBot(run.document.workflow);
  const conversation = run.conversation ?? (isTested ? testConversation : undefined);
  if (conversation === undefined) return undefined;
  const { secrets, platform, thread, replyTo }: Partial<RunConversation> = conversation;
  return {
    platform,
    thread,
    ...(replyTo === undefined ? {} : { replyTo }),
    secret: (role) => secretHandle(secrets[role] ?? "NONE", run.handleTag),
    remember: (identity, until) => outside.remember(identity, until),
  };
}

/** It would let whoever reads the trace answer in the chat. */
function withoutReplyTo(url: string, { replyTo = "" }: Partial<RunConversation> = {}): string {
  const telling = replyTo.split("/").filter((part) => part.length >= 20);
  return telling.reduce((shown, part) => shown.replaceAll(part, "…"), url);
}

type Calls = Pick<NodeContext, "fetch" | "describe" | "callTool" | "callFunction" | "runCode">;

function createCalls(invocation: StepInvocation, record: StepRecord, key: string): Calls {
  const { outside, cancel, prepared } = invocation;
  const { run } = invocation.program;
  const keepsBodies = run.mode === "test";
  return {
    async fetch(url, init) {
      const request = new Request(url, { ...init, signal: cancel.native });
      const body = keepsBodies && typeof init?.body === "string" ? parse(init.body) : undefined;
      const effect: StepEffect = {
        kind: "http",
        target: `${request.method} ${withoutReplyTo(request.url, run.conversation)}`,
        ...(body === undefined ? {} : { body }),
      };
      record.effects.push(effect);
      const response = await outside.fetch(request, prepared.hosts());
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
    async describe(what) {
      if ("function" in what) {
        const { description, input, effect } = functionOf(invocation, what.function);
        return { description, input, effect };
      }
      const described = await outside.describeTool(what.tool);
      if (described) return described;
      throw new ConfigurationError("tool.unknown", `The workspace has no tool "${what.tool}".`, {
        fix: "Link the server of the tool, or accept its tools, or correct the name.",
      });
    },
    async callFunction(reference, input) {
      const definition = functionOf(invocation, reference);
      checkInput(reference, definition.input, input);
      return answer(await outside.callFunction(definition, input), record, keepsBodies);
    },
    runCode: async (source, input) =>
      answer(await outside.runCode(source, input), record, keepsBodies),
  };
}

function functionOf({ program }: StepInvocation, reference: string): LiveFunction {
  const definition = program.run.document.functions[reference];
  if (definition) return definition;
  throw new ConfigurationError("function.unknown", `The workflow has no function "${reference}".`, {
    fix: "Deploy the function, or install it, and deploy the workflow again.",
  });
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

/** Those of a version are the same objects in all its runs. */
const validators = new WeakMap<Record<string, unknown>, Validator>();

/** @throws InputError with the first place where `value` does not fit */
export function checkInput(name: string, schema: Record<string, unknown>, value: unknown): void {
  const validator = validators.get(schema) ?? new Validator(schema, "2020-12", false);
  validators.set(schema, validator);
  const result = validator.validate(value ?? null);
  if (result.valid) return;
  const problem = result.errors.at(-1);
  throw new InputError(
    "input.invalid",
    `The input of "${name}" does not fit at ${problem?.instanceLocation ?? "#"}: ${problem?.error ?? "invalid"}`,
    { fix: "Send what the input schema asks for." },
  );
}
