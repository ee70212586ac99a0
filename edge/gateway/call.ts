import { AerostackError, InputError, toWireError, UpstreamError } from "#blueprints/error";
import type { Env } from "#edge/env";
import { createId } from "#edge/id";
import type { Actor } from "#edge/identity/actor";
import type { Cancellation } from "#edge/cancel";
import type { Captures } from "./captures.ts";
import type { Catalogue, CatalogueTool } from "./catalogue.ts";
import type { Exporter } from "#edge/observe/otlp/exporter";
import { beginCallTrace, type CallTrace, formatTraceparent } from "#edge/observe/trace-context";
import { runChecked } from "./functions.ts";
import type { Links } from "./links.ts";
import { sessionOwnerOf } from "./session-owner.ts";
import { askToConnect, memberOf, withoutConnect } from "./connections/ask.ts";
import type { LiveItems } from "./live.ts";
import type { CallLog } from "./log.ts";
import type { Admission } from "./policy/admission.ts";
import type { Vault } from "./secrets/vault.ts";
import type { Runs } from "./runs.ts";
import type { Settings } from "./settings.ts";
import {
  isRecord,
  type RpcAnswer,
  type RpcNotification,
  type RpcRequest,
  type RpcResult,
  rpcCodes,
} from "./upstream/json-rpc.ts";
import type { WorkspaceIdentity } from "./workspace-api.ts";
import type { CallLogRow } from "./records.ts";

/** What a call works with; the object of the workspace puts it together. */
export interface CallRoom {
  readonly env: Env;
  readonly links: Links;
  readonly live: LiveItems;
  readonly catalogue: Catalogue;
  readonly vault: Vault;
  readonly log: CallLog;
  readonly admission: Admission;
  readonly settings: Settings;
  readonly captures: Captures;
  readonly exporter: Exporter;
  readonly runs: Runs;
  readonly identity: () => WorkspaceIdentity;
  readonly now: () => number;
}

export interface Call {
  readonly actor: Actor;
  /** Final name. */
  readonly name: string;
  /** `arguments`, and what travels beside them: `_meta`, `inputResponses`, `requestState`. */
  readonly params: RpcResult;
  readonly client?: string;
  readonly clientCapabilities?: unknown;
  /** `Mcp-Param-*` headers. */
  readonly headers?: Record<string, string>;
  /** Bytes of the request. */
  readonly requestBytes: number;
  readonly signal?: Cancellation;
  readonly onNotification?: (notification: RpcNotification) => void;
  /** Puts what an upstream asks to the caller; absent: the caller cannot be asked. */
  readonly onQuestion?: (question: RpcRequest) => Promise<RpcResult>;
}

/** How a call ended, before it is put into the caller's form. */
export interface CallEnd {
  readonly answer: RpcAnswer;
  readonly outcome: CallLogRow["outcome"];
  /** Where no answer came: what an engine decides about retries by. */
  readonly failure?: AerostackError;
  /**
   * Writes the row of the call log; bytes of the answer. Call it once the answer is on its way.
   * `ended`: what went wrong after this, so that the caller got another answer.
   */
  record(responseBytes: number, ended?: AerostackError): void;
}

/** Authorises, dispatches, redacts. Never throws for what a tool or an upstream did. */
export async function callTool(room: CallRoom, asked: Call): Promise<CallEnd> {
  const startedAt = room.now();
  const started = performance.now();
  const trace = room.exporter.isOn ? beginCallTrace(asked.params["_meta"]) : undefined;
  const call = trace ? withTrace(asked, trace) : asked;
  const found = room.catalogue.find(call.name, call.actor, room.identity());
  if (!found) return denied(room, call, { startedAt, ...(trace ? { trace } : {}) });
  const args = call.params["arguments"] ?? {};
  const refusal = room.admission.refuse(call.actor, { tool: call.name, mcp: found.mcp, args });
  let upstreamMs = 0;
  let answer: RpcAnswer;
  let failure: AerostackError | undefined;
  try {
    if (refusal) throw refusal;
    answer = await dispatch(room, call, found);
    upstreamMs = performance.now() - started;
    const redactor = await room.vault.redactor();
    answer = redactor.value(answer);
  } catch (error) {
    upstreamMs ||= performance.now() - started;
    failure = toFailure(error);
    const redactor = await room.vault.redactor();
    const asking = askToConnect(failure, call.clientCapabilities);
    answer = { result: redactor.value(asking ?? failureResult(failure)) };
  }
  const outcome = refusal ? "denied" : outcomeOf(answer, failure);
  const latencyMs = performance.now() - started;
  const captured = room.settings.get().captureCalls
    ? (await room.vault.redactor()).value({ args })
    : undefined;
  return {
    answer,
    outcome,
    ...(failure ? { failure } : {}),
    record(responseBytes, ended) {
      const errorCode = codeOf(answer, ended ?? failure);
      const row = logged(call, startedAt);
      if (captured) room.captures.add(row.id, captured.args, answer);
      const about = { mcp: found.mcp, tool: call.name, latencyMs, upstreamMs, responseBytes };
      const code = errorCode === undefined ? {} : { errorCode };
      room.log.add({ ...row, ...about, outcome: ended ? "failed" : outcome, ...code }, trace);
    },
  };
}

/** What is behind the gateway hangs its spans below ours. */
export function withTrace(call: Call, { own }: CallTrace): Call {
  const meta = call.params["_meta"];
  const traced = { ...(isRecord(meta) ? meta : {}), traceparent: formatTraceparent(own) };
  return { ...call, params: { ...call.params, _meta: traced } };
}

const listTools = "List the tools of the workspace.";

/** One answer for a tool that does not exist and one that the caller may not use. */
function unknownTool(name: string): RpcAnswer {
  return {
    error: {
      code: rpcCodes.invalidParams,
      message: `Unknown tool: ${name.slice(0, 100)}`,
      data: { code: "tool.unknown", fix: listTools },
    },
  };
}

function denied(
  room: CallRoom,
  call: Call,
  { startedAt, trace }: { readonly startedAt: number; readonly trace?: CallTrace },
): CallEnd {
  return {
    answer: unknownTool(call.name),
    outcome: "denied",
    failure: new InputError("tool.unknown", `There is no tool "${call.name.slice(0, 100)}".`, {
      status: 404,
      fix: listTools,
    }),
    record(responseBytes) {
      const errorCode = room.catalogue.exists(call.name) ? "tool.denied" : "tool.unknown";
      room.log.add({ ...denial(call, startedAt), responseBytes, errorCode }, trace);
    },
  };
}

/** What the row of a refused name says; what the caller made up is kept short and on one line. */
export function denial(call: Call, at: number) {
  return {
    ...logged(call, at),
    mcp: "-",
    tool: call.name.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 64),
    latencyMs: 0,
    upstreamMs: 0,
    outcome: "denied" as const,
  };
}

/** What a row of the call log says about who called. */
export function logged(call: Call, at: number) {
  const { actor } = call;
  return {
    id: createId("call", at),
    at,
    kind: "tools/call" as const,
    requestBytes: call.requestBytes,
    ...(actor.kind === "member" ? { tokenId: actor.tokenId, member: actor.member } : {}),
    ...(actor.kind === "account" ? { member: `@${actor.name}` } : {}),
    ...(actor.kind === "system" && actor.runId ? { runId: actor.runId } : {}),
    ...(call.client ? { client: call.client.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 80) } : {}),
  };
}

/** The error class of a row. */
export function codeOf(answer: RpcAnswer, failure: AerostackError | undefined): string | undefined {
  return failure?.code ?? (answer.error ? `rpc.${answer.error.code}` : undefined);
}

export function outcomeOf(
  answer: RpcAnswer,
  failure: AerostackError | undefined,
): CallLogRow["outcome"] {
  if (failure) return "failed";
  return answer.error || answer.result?.["isError"] === true ? "tool-error" : "ok";
}

async function dispatch(room: CallRoom, call: Call, found: CatalogueTool): Promise<RpcAnswer> {
  const { source } = found;
  if (source.kind === "upstream") {
    const link = room.links.get(source.alias, memberOf(call.actor));
    if (!link) throw new UpstreamError("mcp.not-linked", `"${source.alias}" was unlinked.`);
    const params = { ...withoutConnect(call.params), name: source.tool };
    return link.request({ ...call, method: "tools/call", params }, sessionOwnerOf(call));
  }
  if (source.kind === "skill") {
    const live = room.live.get("skill", source.name);
    if (!live) return unknownTool(call.name);
    return { result: { content: [{ type: "text", text: live.definition.instructions }] } };
  }
  const live = room.live.get("function", source.name);
  if (!live) return unknownTool(call.name);
  const runId = call.actor.kind === "system" ? call.actor.runId : undefined;
  const { output } = await runChecked(room.env, live.definition, {
    name: source.name,
    input: call.params["arguments"] ?? {},
    workspaceId: room.identity().id,
    ...(runId === undefined ? {} : { runId }),
  });
  return { result: functionResult(output) };
}

function functionResult(output: unknown): RpcResult {
  const text = typeof output === "string" ? output : JSON.stringify(output ?? null);
  const isObject = typeof output === "object" && output !== null && !Array.isArray(output);
  return {
    content: [{ type: "text", text }],
    ...(isObject ? { structuredContent: output } : {}),
  };
}

export function toFailure(error: unknown): AerostackError {
  if (error instanceof AerostackError) return error;
  const { code, message } = toWireError(error);
  return new AerostackError("bug", code, message, { cause: error });
}

/** A failure as the model sees it: what happened, what to do, and the code for programs. */
export function failureResult(failure: AerostackError): RpcResult {
  const error = toWireError(failure);
  // A message that an admin wrote for a policy may lack the full stop.
  const message = /[.!?]$/.test(error.message) ? error.message : `${error.message}.`;
  const text = [message, error.fix, `(${error.code})`].filter(Boolean).join(" ");
  return {
    content: [{ type: "text", text }],
    isError: true,
    _meta: { "dev.aerostack/error": error },
  };
}
