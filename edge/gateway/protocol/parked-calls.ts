import type { InputError } from "#blueprints/error";
import {
  isRecord,
  type RpcNotification,
  type RpcRequest,
  type RpcResult,
  rpcCodes,
  stringOf,
} from "#edge/gateway/upstream/json-rpc";
import { actorKey } from "#edge/identity/actor";
import type { Answered, Asked } from "./answer.ts";
import { unanswered } from "./questions.ts";

/** Milliseconds that a client may take to come back with its answers. */
const patienceMs = 300_000;
/** Calls that wait at once, of all clients; one more cannot ask. */
const maximumParked = 200;
/** Marks our states among those of upstreams, which pass through. */
const prefix = "aerostack.parked.";

interface Question {
  readonly request: Pick<RpcRequest, "method" | "params">;
  answer(result: RpcResult): void;
  refuse(error: InputError): void;
}

/** One call under way that outlives the requests by which its client follows it. */
class ParkedCall {
  readonly #questions = new Map<string, Question>();
  readonly #abort = new AbortController();
  readonly ended: Promise<Answered>;
  readonly by: string;
  readonly tokenId: string | undefined;
  #listener: Asked["onNotification"];
  #asked = Promise.withResolvers<void>();
  #made = 0;
  timer: ReturnType<typeof setTimeout> | undefined;

  constructor(asked: Asked, call: (asked: Asked) => Promise<Answered> | Answered) {
    this.by = keyOf(asked);
    this.tokenId = asked.actor.kind === "member" ? asked.actor.tokenId : undefined;
    this.ended = Promise.resolve(
      call({
        ...asked,
        signal: this.#abort.signal,
        onNotification: (heard: RpcNotification) => this.#listener?.(heard),
        onQuestion: (question) => this.#ask(question),
      }),
    );
    this.ended.catch(() => undefined);
  }

  get inputRequests(): RpcResult {
    return Object.fromEntries([...this.#questions].map(([key, { request }]) => [key, request]));
  }

  /** Until the call ends, or asks: undefined. The request that follows it cancels it. */
  async follow({ signal, onNotification }: Asked): Promise<Answered | undefined> {
    clearTimeout(this.timer);
    const cancel = () => this.end("The client went away.");
    this.#listener = onNotification;
    signal?.addEventListener("abort", cancel);
    try {
      return await Promise.race([this.ended, this.#asked.promise.then(() => undefined)]);
    } finally {
      signal?.removeEventListener("abort", cancel);
      this.#listener = undefined;
    }
  }

  /** Takes answers by key; what was not answered is asked again. */
  take(responses: unknown): void {
    const given = isRecord(responses) ? responses : {};
    for (const [key, question] of this.#questions) {
      const result = Object.hasOwn(given, key) ? given[key] : undefined;
      if (!isRecord(result)) continue;
      this.#questions.delete(key);
      question.answer(result);
    }
    if (this.#questions.size === 0) this.#asked = Promise.withResolvers();
  }

  /** Nobody will answer; to the upstream the call is cancelled. */
  end(why: string): void {
    clearTimeout(this.timer);
    for (const question of this.#questions.values()) question.refuse(unanswered(why));
    this.#questions.clear();
    this.#abort.abort();
  }

  #ask({ method, params }: RpcRequest): Promise<RpcResult> {
    const { promise, resolve, reject } = Promise.withResolvers<RpcResult>();
    const request = { method, ...(params ? { params } : {}) };
    this.#questions.set(`q${++this.#made}`, { request, answer: resolve, refuse: reject });
    this.#asked.resolve();
    return promise;
  }
}

/**
 * An upstream of the initialize era asks its client in the middle of a call; a client of 2026-07-28
 * expects an `input_required` result and comes back with answers. The call waits here meanwhile, in
 * memory: after a restart the client is told to call anew. To the log it is one call.
 */
export class ParkedCalls {
  readonly #parked = new Map<string, ParkedCall>();

  /** Whether this is an answer to us, not to an upstream. */
  isAnswer(params: RpcResult): boolean {
    return stringOf(params["requestState"]).startsWith(prefix);
  }

  /** Makes the call, or goes on with the one that `requestState` names. */
  async run(asked: Asked, call: (asked: Asked) => Promise<Answered> | Answered): Promise<Answered> {
    const state = stringOf(asked.params["requestState"]);
    if (!this.isAnswer(asked.params)) {
      if (this.#parked.size >= maximumParked) return call(asked);
      return this.#follow(new ParkedCall(asked, call), asked);
    }
    const parked = this.#parked.get(state);
    if (!parked || parked.by !== keyOf(asked)) return forgotten();
    this.#parked.delete(state);
    parked.take(asked.params["inputResponses"]);
    return this.#follow(parked, asked);
  }

  end(tokenIds: readonly string[]): void {
    for (const [state, parked] of this.#parked) {
      if (parked.tokenId !== undefined && tokenIds.includes(parked.tokenId)) {
        this.#giveUp(state, parked, "The token was revoked.");
      }
    }
  }

  async #follow(parked: ParkedCall, asked: Asked): Promise<Answered> {
    const ended = await parked.follow(asked);
    if (ended) return ended;
    const requestState = `${prefix}${crypto.randomUUID()}`;
    this.#parked.set(requestState, parked);
    parked.timer = setTimeout(() => {
      this.#giveUp(requestState, parked, "The client did not come back with an answer.");
    }, patienceMs);
    const { inputRequests } = parked;
    return { answer: { result: { resultType: "input_required", inputRequests, requestState } } };
  }

  /** Its row is written although nobody gets its answer. */
  #giveUp(state: string, parked: ParkedCall, why: string): void {
    this.#parked.delete(state);
    parked.end(why);
    void parked.ended.then(({ record }) => record?.(0)).catch(() => undefined);
  }
}

/** Whose call it is and of what: answers are taken from nobody else, and for nothing else. */
function keyOf({ actor, params }: Asked): string {
  return JSON.stringify([actorKey(actor), params["name"] ?? params["uri"]]);
}

function forgotten(): Answered {
  const message = "This call does not wait for answers, or not any more.";
  const data = { code: "mcp.request-state", fix: "Call the tool anew, without requestState." };
  return { answer: { error: { code: rpcCodes.invalidParams, message, data } } };
}
