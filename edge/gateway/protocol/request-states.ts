import { type Keyring, seal, unseal } from "#edge/gateway/secrets/keyring";
import { isRecord, type RpcAnswer, rpcCodes } from "#edge/gateway/upstream/json-rpc";
import { actorKey } from "#edge/identity/actor";
import type { Answered, Asked } from "./answer.ts";

/** Milliseconds that a state is taken back for. */
const keptMs = 24 * 3_600_000;
const ivBytes = 12;

interface StatesPlace {
  keyring(): Keyring;
  workspaceId(): string;
  now(): number;
}

/**
 * The `requestState` of an upstream on its way through a client: sealed for who asked and what for,
 * so that nobody else can bring it back, for another tool, changed, or much later. Holds nothing, so
 * that it survives restarts.
 */
export class RequestStates {
  readonly #place: StatesPlace;

  constructor(place: StatesPlace) {
    this.#place = place;
  }

  /** Makes the call with the state as the upstream gave it; what it gives anew is sealed. */
  async through(
    asked: Asked,
    call: (asked: Asked) => Promise<Answered> | Answered,
  ): Promise<Answered> {
    const { requestState, ...rest } = asked.params;
    let params = asked.params;
    if (requestState !== undefined) {
      const opened = await this.#open(asked, requestState);
      if (opened === undefined) return notOurs();
      params = { ...rest, requestState: opened };
    }
    const answered = await call(params === asked.params ? asked : { ...asked, params });
    const result = answered.answer.result;
    const given = result?.["resultType"] === "input_required" ? result["requestState"] : undefined;
    if (typeof given !== "string") return answered;
    const answer: RpcAnswer = {
      result: { ...result, requestState: await this.#seal(asked, given) },
    };
    return { ...answered, answer };
  }

  async #seal(asked: Asked, state: string): Promise<string> {
    const { currentId } = this.#place.keyring();
    const key = await this.#place.keyring().key(currentId);
    const until = this.#place.now() + keptMs;
    const plain = Uint8Array.from(Buffer.from(JSON.stringify({ state, until })));
    const { iv, ciphertext } = await seal(key, plain, this.#contextOf(asked));
    const id = Buffer.from(currentId).toString("base64url");
    return `${id}.${Buffer.concat([iv, ciphertext]).toString("base64url")}`;
  }

  /** Undefined for whatever is not exactly what was sealed for this caller and this call. */
  async #open(asked: Asked, sealed: unknown): Promise<string | undefined> {
    const [id, body] = typeof sealed === "string" ? sealed.split(".") : [];
    if (!id || !body) return undefined;
    try {
      const key = await this.#place.keyring().key(Buffer.from(id, "base64url").toString());
      const bytes = Uint8Array.from(Buffer.from(body, "base64url"));
      const parts = { iv: bytes.slice(0, ivBytes), ciphertext: bytes.slice(ivBytes) };
      const plain = await unseal(key, parts, this.#contextOf(asked));
      const said: unknown = JSON.parse(new TextDecoder().decode(plain));
      if (!isRecord(said) || Number(said["until"]) <= this.#place.now()) return undefined;
      return typeof said["state"] === "string" ? said["state"] : undefined;
    } catch {
      return undefined;
    }
  }

  #contextOf({ actor, params }: Asked): string[] {
    const what = String(params["name"] ?? params["uri"]);
    return ["request-state", this.#place.workspaceId(), actorKey(actor), what];
  }
}

function notOurs(): Answered {
  const message = "This requestState was not given to this caller for this call, or is too old.";
  const data = { code: "mcp.request-state", fix: "Make the call anew, without requestState." };
  return { answer: { error: { code: rpcCodes.invalidParams, message, data } } };
}
