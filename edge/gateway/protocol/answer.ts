import { AerostackError } from "#blueprints/error";
import { mayUse } from "#edge/gateway/authorise";
import type { CallEnd } from "#edge/gateway/call";
import type { Cancellation } from "#edge/cancel";
import { sessionOwnerOf } from "#edge/gateway/session-owner";
import { callInMode } from "#edge/gateway/modes/call-in-mode";
import type { Deadlines } from "#edge/deadlines";
import type { CodeRoom } from "#edge/gateway/modes/code-runs";
import type { ToolMode } from "#edge/gateway/modes/mode";
import { shownTools } from "#edge/gateway/modes/own-tools";
import { type ListMethod, type Offers, promptName } from "#edge/gateway/offers";
import {
  isRecord,
  type RpcAnswer,
  type RpcNotification,
  type RpcRequest,
  type RpcResult,
  rpcCodes,
  stringOf,
} from "#edge/gateway/upstream/json-rpc";
import type { ParkedCalls } from "./parked-calls.ts";
import { readView } from "#edge/gateway/reviews/view";
import type { OpenStreams } from "./open-streams.ts";
import type { RequestStates } from "./request-states.ts";
import type { Questions } from "./questions.ts";
import { read, refuseRead } from "./read.ts";
import type { UpstreamRequest } from "#edge/gateway/upstream/connection";
import type { Link } from "#edge/gateway/upstream/link";
import type { Actor } from "#edge/identity/actor";

export interface ProtocolRoom extends CodeRoom {
  readonly offers: Offers;
  readonly questions: Questions;
  readonly parked: ParkedCalls;
  readonly states: RequestStates;
  readonly streams: OpenStreams;
  readonly deadlines: Deadlines;
}

/** One MCP request, whatever era and transport details it came with. */
export interface Asked {
  readonly actor: Actor;
  readonly params: RpcResult;
  /** `?tools=` of the URL. */
  readonly mode?: ToolMode;
  readonly client?: string;
  readonly clientCapabilities?: unknown;
  readonly headers?: Record<string, string>;
  /** Bytes. */
  readonly requestBytes: number;
  readonly signal?: Cancellation;
  readonly onNotification?: (notification: RpcNotification) => void;
  /** Puts what an upstream asks to the caller; absent: the caller cannot be asked. */
  readonly onQuestion?: (question: RpcRequest) => Promise<RpcResult>;
}

/** `record` belongs to calls and reads: it writes the log row, given the bytes of the answer. */
export type Answered = { readonly answer: RpcAnswer } & Partial<Pick<CallEnd, "record">>;

type Method = (room: ProtocolRoom, asked: Asked) => Promise<Answered> | Answered;

/** What the gateway answers itself, in the same way for both eras; the rest is the SDK's. */
export const methods: Readonly<Record<string, Method>> = {
  "tools/list": (room, { actor, mode }) => {
    const tools = shownTools(room, actor, mode);
    room.links.refreshStale();
    return { answer: { result: { tools } } };
  },
  "tools/call": (room, asked) => {
    const name = stringOf(asked.params["name"]);
    return callInMode(room, { ...asked, name }, asked.mode);
  },
  "resources/list": (room, asked) => listOffers(room, asked, "resources/list"),
  "resources/templates/list": (room, asked) => listOffers(room, asked, "resources/templates/list"),
  "prompts/list": (room, asked) => listOffers(room, asked, "prompts/list"),
  "resources/read": async (room, asked) => {
    const uri = stringOf(asked.params["uri"]);
    const wanted = { ...asked, kind: "resources/read" as const, name: uri };
    const view = readView(room, wanted);
    if (view) return view;
    if (!mayUse(asked.actor, room.identity(), { name: uri, readOnly: true })) {
      return refuseRead(room, wanted, "denied");
    }
    const resource = await found(() => room.offers.resource(uri));
    if (!resource) return refuseRead(room, wanted, "unknown");
    return read(room, wanted, { ...resource, params: asked.params });
  },
  "prompts/get": async (room, asked) => {
    const name = stringOf(asked.params["name"]);
    const wanted = { ...asked, kind: "prompts/get" as const, name };
    if (!mayUse(asked.actor, room.identity(), { name, readOnly: true })) {
      return refuseRead(room, wanted, "denied");
    }
    const prompt = await found(() => room.offers.prompt(name));
    if (!prompt) return refuseRead(room, wanted, "unknown");
    const params = { ...asked.params, name: prompt.item["name"] };
    return read(room, wanted, { link: prompt.link, listed: name, params });
  },
  "completion/complete": complete,
};

async function complete(room: ProtocolRoom, asked: Asked): Promise<Answered> {
  const reference = isRecord(asked.params["ref"]) ? asked.params["ref"] : {};
  const name = stringOf(reference["name"] ?? reference["uri"]);
  const none = { answer: { result: { completion: { values: [], hasMore: false } } } };
  if (!mayUse(asked.actor, room.identity(), { name, readOnly: true })) return none;
  const isPrompt = reference["type"] === "ref/prompt";
  const prompt = isPrompt ? await found(() => room.offers.prompt(name)) : undefined;
  const link = isPrompt ? prompt?.link : (await found(() => room.offers.resource(name)))?.link;
  if (!link?.offers("completions")) return none;
  const ref = prompt ? { ...reference, name: prompt.item["name"] } : reference;
  const params = { ...asked.params, ref };
  return pass(room, asked, link, { method: "completion/complete", params });
}

async function listOffers(room: ProtocolRoom, asked: Asked, method: ListMethod): Promise<Answered> {
  const listed = await room.offers.list(method);
  const key = { prompts: "prompts", resources: "resources", templates: "resourceTemplates" };
  const kind =
    method === "prompts/list" ? "prompts" : method === "resources/list" ? "resources" : "templates";
  const items = listed
    .map((offer) => (kind === "prompts" ? { ...offer.item, name: promptName(offer) } : offer.item))
    .filter((item: Record<string, unknown>) => {
      const name = stringOf(
        kind === "prompts" ? item["name"] : (item["uri"] ?? item["uriTemplate"]),
      );
      return mayUse(asked.actor, room.identity(), { name, readOnly: true });
    });
  return { answer: { result: { [key[kind]]: items } } };
}

/** To the upstream and back, redacted; a fault of the transport becomes a JSON-RPC error. */
async function pass(
  room: ProtocolRoom,
  asked: Asked,
  link: Link,
  request: Pick<UpstreamRequest, "method" | "params">,
): Promise<Answered> {
  const redactor = await room.vault.redactor();
  try {
    const refusal = room.admission.refuseRequest(asked.actor);
    if (refusal) throw refusal;
    const answer = await link.request({ ...asked, ...request }, sessionOwnerOf(asked));
    return { answer: redactor.value(answer) };
  } catch (error) {
    if (!(error instanceof AerostackError)) throw error;
    const { code, fix } = error;
    const message = redactor.text(error.message);
    return { answer: { error: { code: rpcCodes.internal, message, data: { code, fix } } } };
  }
}

async function found<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof AerostackError && error.status === 404) return undefined;
    throw error;
  }
}
