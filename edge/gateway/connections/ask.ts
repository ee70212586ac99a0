import type { AerostackError } from "#blueprints/error";
import { isRecord, type RpcResult } from "#edge/gateway/upstream/json-rpc";
import type { Actor } from "#edge/identity/actor";
import { NotConnectedError } from "./not-connected.ts";

/** Under this name a client is asked to show the page; nobody else's requests are called that. */
const requestName = "aerostack-connect";

/** Whose sign-ins a caller uses; a run has none of its own. */
export function memberOf(actor: Actor): string {
  if (actor.kind === "member") return actor.member;
  return actor.kind === "account" ? `@${actor.name}` : "";
}

/**
 * The input-required result for a client that can show a URL (elicitation, mode `url`); undefined:
 * the failure is told as a result, link included. The retry finds the tokens, or asks again.
 */
export function askToConnect(
  failure: AerostackError,
  capabilities: unknown,
): RpcResult | undefined {
  if (!(failure instanceof NotConnectedError) || failure.url === undefined) return undefined;
  const elicitation = isRecord(capabilities) ? capabilities["elicitation"] : undefined;
  if (!isRecord(elicitation) || !isRecord(elicitation["url"])) return undefined;
  const { message, url } = failure;
  const params = { mode: "url", message, url };
  return {
    resultType: "input_required",
    inputRequests: { [requestName]: { method: "elicitation/create", params } },
  };
}

/** What the client answered to that question is no business of the upstream. */
export function withoutConnect(params: RpcResult): RpcResult {
  const { inputResponses, ...rest } = params;
  if (!isRecord(inputResponses) || !(requestName in inputResponses)) return params;
  const others = Object.entries(inputResponses).filter(([name]) => name !== requestName);
  return others.length > 0 ? { ...rest, inputResponses: Object.fromEntries(others) } : rest;
}
