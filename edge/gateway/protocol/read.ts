import type { AerostackError } from "#blueprints/error";
import {
  type Call,
  type CallEnd,
  type CallRoom,
  denial,
  logged,
  codeOf,
  outcomeOf,
  toFailure,
  withTrace,
} from "#edge/gateway/call";
import type { CallLogRow } from "#edge/gateway/records";
import { type RpcAnswer, rpcCodes } from "#edge/gateway/upstream/json-rpc";
import type { Link } from "#edge/gateway/upstream/link";
import { beginCallTrace } from "#edge/observe/trace-context";

/** A read of a resource or a prompt; `name` as the caller said it. */
export interface Read extends Call {
  readonly kind: Exclude<CallLogRow["kind"], "tools/call">;
}

/** Where it is read from. */
interface Source {
  readonly link: Link;
  /** For the log: as the server lists it, so never what a caller put into a template. */
  readonly listed: string;
  /** As the server knows it. */
  readonly params: Call["params"];
}

type ReadEnd = Pick<CallEnd, "answer" | "record">;

/**
 * Admits, passes on, redacts and logs, as of a tool call; but a fault of the transport becomes an
 * error of JSON-RPC: there is no result that could say so.
 */
export async function read(room: CallRoom, asked: Read, from: Source): Promise<ReadEnd> {
  const startedAt = room.now();
  const started = performance.now();
  const trace = room.exporter.isOn ? beginCallTrace(asked.params["_meta"]) : undefined;
  const sent = { ...asked, params: from.params };
  const redactor = await room.vault.redactor();
  const refusal = room.admission.refuseRequest(asked.actor);
  let answer: RpcAnswer;
  let failure: AerostackError | undefined;
  try {
    if (refusal) throw refusal;
    const request = { ...(trace ? withTrace(sent, trace) : sent), method: asked.kind };
    answer = redactor.value(await from.link.request(request));
  } catch (error) {
    failure = toFailure(error);
    const { code, fix } = failure;
    const message = redactor.text(failure.message);
    answer = { error: { code: rpcCodes.internal, message, data: { code, fix } } };
  }
  const latencyMs = performance.now() - started;
  return {
    answer,
    record(responseBytes, ended = failure) {
      const errorCode = codeOf(answer, ended);
      const row = {
        ...logged(asked, startedAt),
        kind: asked.kind,
        mcp: from.link.definition.alias,
        tool: from.listed.slice(0, 200),
        latencyMs,
        upstreamMs: refusal ? 0 : latencyMs,
        responseBytes,
        outcome: refusal ? ("denied" as const) : outcomeOf(answer, ended),
        ...(errorCode === undefined ? {} : { errorCode }),
      };
      const { _meta, ...args } = asked.params;
      if (room.settings.get().captureCalls) {
        room.captures.add(row.id, redactor.value(args), answer);
      }
      room.log.add(row, trace);
    },
  };
}

/** One answer for what does not exist and what the caller may not read. */
export function refuseRead(room: CallRoom, asked: Read, why: "denied" | "unknown"): ReadEnd {
  const startedAt = room.now();
  const isPrompt = asked.kind === "prompts/get";
  const { name } = asked;
  const error = isPrompt
    ? { message: `Unknown prompt: ${name.slice(0, 100)}` }
    : { message: `Resource not found: ${name.slice(0, 200)}`, data: { uri: name } };
  return {
    answer: { error: { code: rpcCodes.invalidParams, ...error } },
    record(responseBytes) {
      const errorCode = `${isPrompt ? "prompt" : "resource"}.${why}`;
      room.log.add({ ...denial(asked, startedAt), kind: asked.kind, responseBytes, errorCode });
    },
  };
}
