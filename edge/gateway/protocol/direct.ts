import {
  isRecord,
  metaKeys,
  type RpcRequest,
  type RpcResult,
} from "#edge/gateway/upstream/json-rpc";
import { Canceller } from "#edge/cancel";
import { answersOf } from "#edge/gateway/session-owner";
import type { Actor } from "#edge/identity/actor";
import type { ToolMode } from "#edge/gateway/modes/mode";
import { type Answered, type Asked, methods, type ProtocolRoom } from "./answer.ts";
import { type ClientEra, clientOf, eraOf, statusOf, toEra } from "./era.ts";
import { askUntilDone, toQuestion } from "./ask-client.ts";
import { EventWriter } from "./event-writer.ts";
import { capabilitiesOfSession } from "./session.ts";

/**
 * Milliseconds after which an answer that is not there yet will come over a stream: only of an open
 * stream does the runtime tell that nobody reads it any more, which is how a client cancels.
 */
const patienceMs = 1000;

export interface DirectRequest {
  readonly actor: Actor;
  readonly message: RpcRequest;
  readonly mode: ToolMode | undefined;
  readonly headers: Headers;
  readonly requestBytes: number;
  readonly signal: AbortSignal;
}

/**
 * Answers a regular request of a method that is the gateway's own, without the SDK in between; this
 * is what nearly every call takes. Undefined: not such a request.
 */
export function answerDirectly(
  room: ProtocolRoom,
  request: DirectRequest,
): Promise<Response> | undefined {
  const { message, headers } = request;
  // A client names the method; `constructor` must not find what every object has.
  const method = Object.hasOwn(methods, message.method) ? methods[message.method] : undefined;
  const era = method && eraOf(message, headers);
  if (!method || !era) return undefined;
  const answer = Promise.withResolvers<Response>();
  const abort = new Canceller();
  const events = new EventWriter(abort);
  request.signal.addEventListener("abort", () => abort.abort());
  // The first message before the answer turns the response into a stream.
  const open = () => {
    if (!events.isOpen) answer.resolve(events.open());
  };
  const asked: Asked = {
    actor: request.actor,
    ...(request.mode === undefined ? {} : { mode: request.mode }),
    ...withoutEnvelope(message, headers.get("traceparent")),
    ...(era === "modern" ? { headers: mirroredHeaders(headers) } : {}),
    requestBytes: request.requestBytes,
    signal: abort,
    onNotification: (notification) => {
      open();
      void redacted(room, notification).then((clean) => events.write(clean));
    },
  };
  const stopWaiting = room.deadlines.after(patienceMs, open);
  const client = clientOf(message, headers);
  const session = era === "legacy" ? headers.get("mcp-session-id") : null;
  const { actor } = request;
  const release =
    actor.kind === "member" ? room.streams.begin(actor.tokenId, () => abort.abort()) : undefined;
  void (async () => {
    const full = client === undefined ? asked : { ...asked, client };
    const send = (question: RpcRequest) => {
      open();
      void events.write(question);
    };
    const capabilities = capabilitiesOfSession(session);
    const answered = capabilities
      ? await askMeanwhile(room, { ...full, clientCapabilities: capabilities }, { method, send })
      : await orPark(room, full, { method, name: message.method });
    stopWaiting();
    release?.();
    await finish(room, { era, message, answered, events, resolve: answer.resolve });
  })().catch((error: unknown) => {
    stopWaiting();
    release?.();
    answer.reject(error);
  });
  return answer.promise;
}

type Method = (room: ProtocolRoom, asked: Asked) => Promise<Answered> | Answered;

/** A client of the initialize era is asked over the stream of its call. */
function askMeanwhile(
  room: ProtocolRoom,
  asked: Asked & { readonly clientCapabilities: RpcResult },
  { method, send }: { readonly method: Method; readonly send: (question: RpcRequest) => void },
): Promise<Answered> {
  const { clientCapabilities: capabilities, actor } = asked;
  const signal = asked.signal ?? new Canceller();
  const onQuestion = async (question: RpcRequest) => {
    const clean = toQuestion(await redacted(room, question), capabilities);
    return room.questions.ask(actor, clean, { send, signal });
  };
  const client = { questions: room.questions, capabilities, send };
  return askUntilDone({ ...asked, onQuestion }, client, (one) => method(room, one));
}

const parkable = new Set(["tools/call", "prompts/get", "resources/read"]);

/** A client of 2026-07-28 that can answer something gets questions as a result. */
function orPark(
  room: ProtocolRoom,
  asked: Asked,
  { method, name }: { readonly method: Method; readonly name: string },
): Promise<Answered> | Answered {
  if (!parkable.has(name)) return method(room, asked);
  const capabilities = answersOf(asked.clientCapabilities);
  const canAsk = Object.keys(capabilities).length > 0 || room.parked.isAnswer(asked.params);
  if (!canAsk) return room.states.through(asked, (one) => method(room, one));
  return room.parked.run(asked, (one) => {
    const onQuestion = async (question: RpcRequest): Promise<RpcResult> => {
      const clean = toQuestion(await redacted(room, question), capabilities);
      return one.onQuestion?.({ ...question, ...clean }) ?? {};
    };
    return room.states.through({ ...one, onQuestion }, (own) => method(room, own));
  });
}

interface Finish {
  readonly era: ClientEra;
  readonly message: RpcRequest;
  readonly answered: Answered;
  readonly events: EventWriter;
  resolve(response: Response): void;
}

async function finish(room: ProtocolRoom, what: Finish): Promise<void> {
  const { era, message, answered, events } = what;
  const answer = toEra(era, message.method, answered.answer, serverInfo(room));
  const reply = { jsonrpc: "2.0", id: message.id, ...answer };
  const text = JSON.stringify(reply);
  if (events.isOpen) await events.end(reply);
  else {
    const headers = { "content-type": "application/json", "cache-control": "no-store" };
    what.resolve(new Response(text, { status: statusOf(era, answer), headers }));
  }
  answered.record?.(text.length);
}

async function redacted<T>(room: ProtocolRoom, message: T): Promise<T> {
  return (await room.vault.redactor()).value(message);
}

export function serverInfo(room: ProtocolRoom): RpcResult {
  const { slug, name } = room.identity();
  return { name: `aerostack-${slug}`, title: name, version: "0.1.0" };
}

/**
 * The parameters without what belongs to this hop alone. A trace that the HTTP request names goes on
 * where MCP has its place for it, unless the message names one itself.
 */
function withoutEnvelope(
  message: RpcRequest,
  traceparent: string | null,
): { params: RpcResult; clientCapabilities?: unknown } {
  const given = message.params ?? {};
  const params = traceparent === null ? given : withTraceparent(given, traceparent);
  const meta = params["_meta"];
  if (!isRecord(meta)) return { params };
  const own = new Set<string>(Object.values(metaKeys));
  const kept = Object.entries(meta).filter(([key]) => !own.has(key));
  const clientCapabilities = meta[metaKeys.clientCapabilities];
  return {
    params: { ...params, _meta: Object.fromEntries(kept) },
    ...(clientCapabilities === undefined ? {} : { clientCapabilities }),
  };
}

function withTraceparent(params: RpcResult, traceparent: string): RpcResult {
  const meta = params["_meta"];
  return { ...params, _meta: { traceparent, ...(isRecord(meta) ? meta : {}) } };
}

/** Arguments that the client also put into headers, for the upstream to compare. */
function mirroredHeaders(headers: Headers): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => name.startsWith("mcp-param-")));
}
