import { type Actor, actorKey } from "#edge/identity/actor";
import { isRecord } from "./upstream/json-rpc.ts";
import type { SessionOwner } from "./upstream/sessions.ts";

/** What a client may be asked by an upstream, as capabilities name it. */
const answerable = ["sampling", "elicitation", "roots"] as const;

interface Caller {
  readonly actor: Actor;
  readonly clientCapabilities?: unknown;
  readonly onQuestion?: unknown;
}

/** Whose session a call uses at an upstream that keeps sessions; runs share one. */
export function sessionOwnerOf({
  actor,
  clientCapabilities,
  onQuestion,
}: Caller): SessionOwner | undefined {
  if (actor.kind === "system") return undefined;
  const capabilities = onQuestion === undefined ? {} : answersOf(clientCapabilities);
  return { id: actorKey(actor), capabilities };
}

/** The part of a client's capabilities by which it can be asked something. */
export function answersOf(capabilities: unknown): Record<string, unknown> {
  if (!isRecord(capabilities)) return {};
  return Object.fromEntries(
    answerable
      .filter((name) => isRecord(capabilities[name]))
      .map((name) => [name, capabilities[name]]),
  );
}
