import { InputError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import { workspaceStub } from "#edge/gateway/stub";
import { authenticateKey } from "#edge/identity/keys";
import type { MemberActor } from "#edge/identity/actor";
import type { Services } from "#edge/services";
import type { Answerer } from "./answerer.ts";

/**
 * A member as one who answers. A token that is bound to tools speaks for a program: it decides only
 * where its member is named as reviewer.
 */
export function asAnswerer({ kind, member, role, tools, heldBy, byKey }: MemberActor): Answerer {
  return {
    kind,
    member,
    role: tools ? "read-only" : role,
    ...(heldBy === undefined ? {} : { heldBy }),
    ...(byKey === undefined ? {} : { byKey }),
  };
}

/**
 * Who holds this token of the workspace, or the key of the account that owns it.
 * @throws InputError `review.credential` (403), the same for what is unknown, revoked and another's
 */
export async function identifyAnswerer(
  services: Services,
  workspaceId: string,
  credential: string,
): Promise<Answerer> {
  if (credential.startsWith("ak_")) {
    const account = await authenticateKey(services, credential);
    const workspace = unwrap(await workspaceStub(services.env, workspaceId).describe());
    if (account?.accountId === workspace.accountId) return { kind: "account", name: account.name };
  } else {
    const found = await workspaceStub(services.env, workspaceId).authenticate(credential);
    if (found.ok) {
      return asAnswerer(found.value);
    }
  }
  throw new InputError("review.credential", "This token is not known here.", {
    status: 403,
    fix: "Enter your token of this workspace (wt_...).",
  });
}
