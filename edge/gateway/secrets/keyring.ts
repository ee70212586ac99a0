import { z } from "zod";
import { ConfigurationError } from "#blueprints/error";

/** Master keys by id; data keys are wrapped by the current one, older ones only unwrap. */
export interface Keyring {
  readonly currentId: string;
  key(id: string): Promise<CryptoKey>;
}

/** AES-256-GCM output: the tag stands at the end of `ciphertext`. */
export interface Sealed {
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly ciphertext: Uint8Array<ArrayBuffer>;
}

const keyringSchema = z.strictObject({
  current: z.string().min(1),
  keys: z.record(z.string(), z.base64()),
});

function broken(cause?: unknown): ConfigurationError {
  return new ConfigurationError(
    "platform.master-keys",
    "AEROSTACK_MASTER_KEYS is not a keyring of 256-bit keys.",
    { fix: 'Set it to {"current":"k1","keys":{"k1":"<32 bytes in base64>"}}.', cause },
  );
}

/** Reads `{"current":"k1","keys":{"k1":"<base64, 32 bytes>"}}`; throws `platform.master-keys`. */
export function parseKeyring(text: string): Keyring {
  let parsed: z.infer<typeof keyringSchema>;
  try {
    parsed = keyringSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw broken(cause);
  }
  if (!parsed.keys[parsed.current]) throw broken();
  const imported = new Map<string, Promise<CryptoKey>>();
  return {
    currentId: parsed.current,
    key(id) {
      let key = imported.get(id);
      if (key) return key;
      const encoded = parsed.keys[id];
      if (!encoded) {
        throw new ConfigurationError(
          "platform.master-key-missing",
          `Master key "${id}" is not in AEROSTACK_MASTER_KEYS.`,
          { fix: "Keep old keys in the keyring until every workspace has been opened once." },
        );
      }
      const raw = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
      if (raw.length !== 32) throw broken();
      key = importAesKey(raw);
      imported.set(id, key);
      return key;
    },
  };
}

export function importAesKey(raw: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/**
 * Additional authenticated data: a ciphertext that is moved to another workspace, name or version
 * does not open. A JSON array is unambiguous where plain joining is not.
 */
function authenticated(context: readonly (string | number)[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(JSON.stringify(["aerostack.v1", ...context])));
}

export async function seal(
  key: CryptoKey,
  plaintext: Uint8Array<ArrayBuffer>,
  context: readonly (string | number)[],
): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const additionalData = authenticated(context);
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv, additionalData },
    key,
    plaintext,
  );
  return { iv, ciphertext: new Uint8Array(sealed) };
}

/** The plaintext; one error for every kind of tampering, so that it is no oracle. */
export async function unseal(
  key: CryptoKey,
  sealed: Sealed,
  context: readonly (string | number)[],
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const { iv, ciphertext } = sealed;
    const additionalData = authenticated(context);
    return new Uint8Array(
      await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData }, key, ciphertext),
    );
  } catch {
    throw new ConfigurationError("secret.unreadable", "A stored secret cannot be decrypted.", {
      fix: "Enter the secret again, or restore the master key that it was stored under.",
    });
  }
}
