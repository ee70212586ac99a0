import { InputError } from "#blueprints/error";
import { type Env, masterKeys } from "#edge/env";
import type { IsolateGrant } from "#edge/isolates/isolate";

/**
 * A grant, sealed, so that an isolate's outgoing requests carry their own permission through a
 * process that is not trusted with it: AES-256-GCM under a key derived from the master keys.
 */
interface Sealed {
  readonly grant: IsolateGrant;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

type TicketSettings = Pick<Env, "AEROSTACK_MASTER_KEYS">;

const purpose = new TextEncoder().encode("aerostack egress ticket v1");

export async function sealTicket(env: Env, sealed: Sealed): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const text = new TextEncoder().encode(JSON.stringify(sealed));
  const key = await ticketKey(env);
  const box = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv, additionalData: purpose },
    key,
    text,
  );
  return Buffer.concat([iv, new Uint8Array(box)]).toString("base64url");
}

/** @throws InputError `egress.bad-ticket` when it is not ours, was changed, or is over */
export async function openTicket(env: Env, ticket: string, now: number): Promise<IsolateGrant> {
  const sealed = await decrypt(env, ticket).catch(() => undefined);
  if (sealed && sealed.expiresAt > now) return sealed.grant;
  throw new InputError("egress.bad-ticket", "The request carries no valid ticket.", {
    status: 403,
  });
}

async function decrypt(env: TicketSettings, ticket: string): Promise<Sealed> {
  const bytes = Buffer.from(ticket, "base64url");
  const algorithm = { name: "AES-GCM", iv: bytes.slice(0, 12), additionalData: purpose };
  const text = await crypto.subtle.decrypt(algorithm, await ticketKey(env), bytes.slice(12));
  return JSON.parse(new TextDecoder().decode(text)) as Sealed;
}

let derived: { from: string; key: Promise<CryptoKey> } | undefined;

/** One key as long as the keyring stays the same; a rotation ends the tickets that are out. */
function ticketKey(env: TicketSettings): Promise<CryptoKey> {
  const from = masterKeys(env as Env);
  if (derived?.from !== from) derived = { from, key: deriveKey(from) };
  return derived.key;
}

async function deriveKey(from: string): Promise<CryptoKey> {
  const material = new TextEncoder().encode(from);
  const base = await crypto.subtle.importKey("raw", material, "HKDF", false, ["deriveKey"]);
  const algorithm = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: purpose };
  const target = { name: "AES-GCM", length: 256 };
  return crypto.subtle.deriveKey(algorithm, base, target, false, ["encrypt", "decrypt"]);
}
