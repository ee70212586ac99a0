import { type AerostackError, InputError } from "#blueprints/error";
import type { AccountActor } from "./actor.ts";
import { bearer } from "./bearer.ts";
import { authenticateKey } from "./keys.ts";
import type { Services } from "#edge/services";

const fix = "Send `Authorization: Bearer ak_...` with the account's key.";

/**
 * The account that a request speaks for.
 *
 * Throws `account.key-missing` or `account.key-invalid` (401). An unknown and a revoked key get
 * the same answer. The error handler of `edge/app.ts` adds the `WWW-Authenticate` header that a
 * 401 owes its reader, by `challenge`; who answers without that handler sets it likewise.
 */
export async function requireAccount(services: Services, request: Request): Promise<AccountActor> {
  const key = bearer(request);
  if (key === undefined) {
    throw new InputError("account.key-missing", "This needs an account key.", { status: 401, fix });
  }
  const actor = await authenticateKey(services, key);
  if (actor) return actor;
  if (key.startsWith("wt_")) {
    throw new InputError("account.key-invalid", "This is a workspace token, not an account key.", {
      status: 401,
      fix: `The token belongs to /ws/<slug>, the address of its workspace. Here: ${fix}`,
    });
  }
  throw new InputError("account.key-invalid", "This account key is not known, or was revoked.", {
    status: 401,
    fix,
  });
}

/** The `WWW-Authenticate` value of a 401 (RFC 6750, 3): `error` only where a credential was sent. */
export function challenge(error: Pick<AerostackError, "code">): string {
  const missing = error.code.endsWith("-missing");
  return missing ? 'Bearer realm="aerostack"' : 'Bearer realm="aerostack", error="invalid_token"';
}
