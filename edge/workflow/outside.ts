import type { CallToolResult, Tool } from "@modelcontextprotocol/client";
import { isBot } from "#blueprints/bot";
import { ConfigurationError } from "#blueprints/error";
import type { ModelAnswer, ModelCall } from "#blueprints/model";
import type {
  AuthAttempt,
  CallableDescription,
  DetachedResult,
  StandIn,
} from "#blueprints/node-context";
import { unwrap } from "#blueprints/outcome";
import { conversationStub } from "#edge/bots/conversation-api";
import { type Env, masterKeys } from "#edge/env";
import { workspaceStub } from "#edge/gateway/stub";
import type { LiveFunction } from "#edge/gateway/live-items";
import { compile } from "#edge/isolates/bundle";
import { egressFetch } from "#edge/isolates/egress";
import type { CompiledCode, FunctionOutcome, IsolateGrant } from "#edge/isolates/isolate";
import { tryFunction } from "#edge/isolates/run";
import { callModel, type ModelHooks } from "#edge/models/call";
import { requestRun } from "#edge/triggers/live-workflow";
import { starterIn } from "./answerer.ts";
import { digestWith } from "./digest.ts";
import { createLink, type LinkRequest } from "./links.ts";
import { recallDetached } from "./recall.ts";
import type { RunParent, RunRequest } from "./run-api.ts";
import { runIdOf } from "./run-id.ts";
import { startRun } from "./start.ts";

/** Where the effects of one step go: the world, or the stubs of a test. */
export interface Outside {
  /** `hosts` may be reached beside those that the workflow's `egress` names. */
  fetch(request: Request, hosts: readonly string[]): Promise<Response>;
  /** Without the values of the workspace's secrets. */
  redact(text: string): Promise<string>;
  /** Undefined: the workspace has no such tool. */
  describeTool(name: string): Promise<CallableDescription | undefined>;
  callTool(name: string, input: unknown, idempotencyKey: string): Promise<CallToolResult>;
  callFunction(definition: LiveFunction, input: unknown): Promise<FunctionOutcome>;
  runCode(source: string, input: unknown): Promise<FunctionOutcome>;
  callModel(call: ModelCall, hooks: ModelHooks): Promise<ModelAnswer>;
  /** A link to the page where a person answers the step at this path. */
  createLink(link: LinkRequest): Promise<string>;
  /** Hex, keyed with the platform's master key. */
  digest(text: string): Promise<string>;
  /** As `NodeContext` says. */
  admitAttempt(what: AuthAttempt, address: string): Promise<boolean>;
  /** Keeps who the person in the run's conversation is, if it has one. */
  remember(identity: unknown, until: number): Promise<void>;
  /** Only in a test. */
  readonly standIn?: StandIn;
  /** The id that a child of this step and workflow always gets. */
  childId(child: Pick<ChildRun, "workflow" | "parent">): Promise<string>;
  /** Starts the child, or joins it when it was started before. */
  startChild(id: string, child: ChildRun): Promise<void>;
  /** Starts the run of a detached step, or joins it when it was started before. */
  startDetached(request: RunRequest): Promise<void>;
  /** Recalls a detached step of the workspace. */
  recall(id: string): Promise<DetachedResult>;
}

/** A run that a step starts. */
export interface ChildRun {
  readonly workflow: string;
  readonly input: unknown;
  readonly trigger: "workflow" | "bot";
  readonly parent: RunParent;
}

/** Compiled code blocks of this isolate, by source; the oldest leaves first. */
const compiled = new Map<string, Promise<CompiledCode>>();
const compiledAtMost = 200;

function compileOnce(source: string): Promise<CompiledCode> {
  const known = compiled.get(source);
  if (known) return known;
  const work = compile(source);
  compiled.set(source, work);
  work.catch(() => compiled.delete(source));
  const oldest = compiled.size > compiledAtMost ? compiled.keys().next().value : undefined;
  if (oldest !== undefined) compiled.delete(oldest);
  return work;
}

export type CodeRunner = Pick<Outside, "callFunction" | "runCode">;

/** Code runs in isolates in both modes; in a test the isolate's own requests are stubbed. */
export function createCodeRunner(env: Env, run: RunRequest): CodeRunner {
  const { workspaceId, mode, stubs } = run;
  const start = (code: CompiledCode, input: unknown, allowed?: LiveFunction) => {
    const grant: IsolateGrant = {
      workspaceId,
      runId: run.id,
      egress: allowed?.egress ?? [],
      secrets: allowed?.secrets ?? [],
      mode,
    };
    return tryFunction(env, { code, grant, input, ...(stubs ? { stubs } : {}) });
  };
  return {
    callFunction: (definition, input) => start(definition.code, input, definition),
    runCode: async (source, input) => start(await compileOnce(source), input),
  };
}

function describeTool({ description = "", inputSchema, annotations }: Tool): CallableDescription {
  const { readOnlyHint, idempotentHint } = annotations ?? {};
  const effect = readOnlyHint ? "read" : idempotentHint ? "idempotent" : "external";
  return { description, input: inputSchema, effect };
}

function notABot(workflow: string): ConfigurationError {
  return new ConfigurationError("workflow.not-a-bot", `The workflow "${workflow}" is not a bot.`, {
    fix: `Set "source": "bot" in its trigger, or run it with call_function.`,
  });
}

export function createWorld(env: Env, run: RunRequest): Outside {
  const { workspaceId, document, conversation } = run;
  return {
    ...createCodeRunner(env, run),
    fetch(request, hosts) {
      const grant: IsolateGrant = {
        workspaceId,
        runId: run.id,
        egress: [...document.egress, ...hosts, ...(conversation?.hosts ?? [])],
        secrets: [
          ...document.secrets.map(({ name }) => name),
          ...Object.values(conversation?.secrets ?? {}),
        ],
        ...(run.handleTag ? { handleTag: run.handleTag } : {}),
        mode: "live",
      };
      return egressFetch(env, grant, request);
    },
    redact: async (text) => unwrap(await workspaceStub(env, workspaceId).redact(text)),
    async describeTool(name) {
      const actor = { kind: "system", workspaceId, runId: run.id } as const;
      const tools = unwrap(await workspaceStub(env, workspaceId).listTools(actor));
      const tool = tools.find((one) => one.name === name);
      return tool && describeTool(tool);
    },
    async callTool(name, input, idempotencyKey) {
      const workspace = workspaceStub(env, workspaceId);
      const actor = { kind: "system", workspaceId, runId: run.id } as const;
      return unwrap(await workspace.callTool({ actor, name, arguments: input, idempotencyKey }));
    },
    callModel: (call, hooks) => callModel(env, call, hooks),
    createLink: (link) => createLink(env, run, link),
    digest: (text) => digestWith(masterKeys(env), text),
    async admitAttempt(what, address) {
      const subject = await digestWith(masterKeys(env), `${workspaceId}\n${address}`);
      return unwrap(await workspaceStub(env, workspaceId).admitAttempt(what, subject));
    },
    async remember(identity, until) {
      if (!conversation) return;
      const { id, user } = conversation;
      unwrap(await conversationStub(env, id).remember({ user, identity, until }));
    },
    childId: ({ parent, workflow }) => runIdOf("child", parent.runId, parent.step, workflow),
    async startChild(id, { workflow, input, trigger, parent }) {
      const start = { workspaceId, workflow, runId: id, trigger, input };
      const { baseUrl, handleTag } = run;
      // Who started the first run has started all that follow from it.
      const from = {
        ...(trigger === "bot" && conversation ? { conversation } : {}),
        ...starterIn(run),
        ...(baseUrl ? { baseUrl } : {}),
        ...(handleTag ? { handleTag } : {}),
      };
      const request = await requestRun(env, start);
      if (trigger === "bot" && !isBot(request.document.workflow)) throw notABot(workflow);
      await startRun(env, { ...request, parent, ...from });
    },
    startDetached: async (request) => void (await startRun(env, request)),
    recall: (id) => recallDetached(env, workspaceId, id),
  };
}
