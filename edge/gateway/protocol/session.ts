import { answersOf } from "#edge/gateway/session-owner";
import { isRecord } from "#edge/gateway/upstream/json-rpc";

/**
 * Sessions of the initialize era hold nothing: the id says what the client can answer, and is given
 * only to clients that can answer something. Who calls is decided by the token of every request,
 * so an id that is forged or from elsewhere gives nobody anything; one outlives every restart.
 */
const longestId = 600;

/** The session id for what a client declared in `initialize`; undefined: it needs none. */
export function sessionFor(capabilities: unknown): string | undefined {
  const said = answersOf(capabilities);
  const kept = Object.keys(said);
  if (kept.length === 0) return undefined;
  const whole = encode(said);
  // Details that a client makes too long are left out; that it can answer at all is what counts.
  const id =
    whole.length < 500 ? whole : encode(Object.fromEntries(kept.map((name) => [name, {}])));
  return `${id}.${crypto.randomUUID()}`;
}

/** What the client of this session can answer; undefined for an id that is none of ours. */
export function capabilitiesOfSession(id: string | null): Record<string, unknown> | undefined {
  if (id === null || id.length > longestId) return undefined;
  try {
    const text = Buffer.from(id.split(".", 1)[0] ?? "", "base64url").toString();
    const said: unknown = JSON.parse(text);
    return isRecord(said) ? answersOf(said) : undefined;
  } catch {
    return undefined;
  }
}

function encode(said: Record<string, unknown>): string {
  return Buffer.from(JSON.stringify(said)).toString("base64url");
}
