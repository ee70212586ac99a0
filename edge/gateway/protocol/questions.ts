import { InputError } from "#blueprints/error";
import type { Cancellation } from "#edge/cancel";
import { isRecord, type RpcRequest, type RpcResult } from "#edge/gateway/upstream/json-rpc";
import { type Actor, actorKey } from "#edge/identity/actor";

/** Milliseconds that a person or a model on the client's side may take. */
const patienceMs = 300_000;
/** Questions that may be open at once, of all clients. */
const maximumOpen = 1000;

interface Question {
  readonly asked: string;
  answer(result: RpcResult): void;
  refuse(error: InputError): void;
}

/**
 * Requests that were sent to clients of the initialize era and wait for their answer, which comes
 * as a message of its own. Ids are unguessable, and only who was asked can answer.
 */
export class Questions {
  readonly #open = new Map<string, Question>();

  /** Sends one request and waits. Throws `client.*` where no result comes. */
  async ask(
    actor: Actor,
    request: Pick<RpcRequest, "method" | "params">,
    via: { send(request: RpcRequest): void; readonly signal: Cancellation },
  ): Promise<RpcResult> {
    if (this.#open.size >= maximumOpen) throw unanswered("Too many questions are open.");
    const id = `ask_${crypto.randomUUID()}`;
    const { promise, resolve, reject } = Promise.withResolvers<RpcResult>();
    const end = (message: string) => reject(unanswered(message));
    const timer = setTimeout(() => end(`The client did not answer ${request.method}.`), patienceMs);
    const gone = () => end("The client went away.");
    via.signal.addEventListener("abort", gone);
    this.#open.set(id, { asked: actorKey(actor), answer: resolve, refuse: reject });
    try {
      via.send({ jsonrpc: "2.0", id, ...request });
      return await promise;
    } finally {
      clearTimeout(timer);
      via.signal.removeEventListener("abort", gone);
      this.#open.delete(id);
    }
  }

  /** Takes an answer; false: to no question of ours, or from somebody else. */
  take(actor: Actor, message: Record<string, unknown>): boolean {
    const { id, result, error } = message;
    const question = typeof id === "string" ? this.#open.get(id) : undefined;
    if (!question || question.asked !== actorKey(actor)) return false;
    if (isRecord(result)) question.answer(result);
    else {
      const said = isRecord(error) && typeof error["message"] === "string" ? error["message"] : "";
      question.refuse(unanswered(`The client refused: ${said.slice(0, 200)}`));
    }
    return true;
  }
}

/** What an upstream gets instead of an answer, and a caller instead of a result. */
export function unanswered(message: string): InputError {
  return new InputError("client.no-answer", message, {
    status: 422,
    fix: "Answer what the tool asks for, or call it with other arguments.",
  });
}
