import { InputError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import { workspaceStub } from "#edge/gateway/stub";
import { authenticateKey } from "#edge/identity/keys";
import type { Services } from "#edge/services";
import type { Answerer } from "./answerer.ts";

/**
 * Who holds this token of the workspace, or the key of the account that owns it. A token that is
 * bound to tools speaks for a program: it decides only where its member is named as reviewer.
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
      const { kind, member, role, tools } = found.value;
      return { kind, member, role: tools ? "read-only" : role };
    }
  }
  throw new InputError("review.credential", "This token is not known here.", {
    status: 403,
    fix: "Enter your token of this workspace (wt_...).",
  });
}
