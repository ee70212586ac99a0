import { InputError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import { workspaceStub } from "#edge/gateway/directory";
import type { AccountActor, Role } from "#edge/identity/actor";
import { hashCredential } from "#edge/identity/credential";
import { authenticateKey, authenticateKeyHash } from "#edge/identity/keys";
import type { Services } from "#edge/services";
import type { Place } from "./place.ts";

/**
 * What an OAuth token stands for, encrypted into it. A member's grant is a row among the tokens of
 * its workspace, and one that an account key opened dies with that key: whoever takes those away
 * takes the OAuth access away at once, whatever a key-value store still remembers.
 */
export type Grant =
  | { readonly kind: "member"; readonly tokenId: string; readonly keyHash?: string }
  | { readonly kind: "account"; readonly keyHash: string };

/** Who proved to be whom on the sign-in page, and what they can hand on. */
export interface Person {
  readonly name: string;
  /** The most that they can give; absent: the account itself. */
  readonly role?: Role;
  /** Of the workspace token that they showed. */
  readonly tokenId?: string;
  readonly tools?: readonly string[];
  /** Of the account key that they showed. */
  readonly keyHash?: string;
}

/** Most powerful first. */
export const roles: readonly Role[] = ["admin", "developer", "read-only"];

/** The roles that somebody with `most` may hand on. */
export function rolesUpTo(most: Role): readonly Role[] {
  return roles.slice(roles.indexOf(most));
}

/** Throws `oauth.credential` (403), in the same words for what is unknown, revoked and another's. */
export async function identify(
  services: Services,
  place: Place,
  credential: string,
): Promise<Person> {
  if (credential.startsWith("ak_")) {
    const account = await authenticateKey(services, credential);
    const keyHash = await hashCredential(credential);
    if (account) return asPerson(place, account, keyHash);
  } else if (place.kind === "workspace") {
    const { id } = place.identity;
    const member = await workspaceStub(services.env, id).authenticate(credential);
    if (member.ok) {
      const { member: name, role, tokenId, tools } = member.value;
      return { name, role, tokenId, ...(tools ? { tools } : {}) };
    }
  }
  throw refused(place);
}

function asPerson(place: Place, account: AccountActor, keyHash: string): Person {
  if (place.kind === "account") return { name: account.name, keyHash };
  if (account.accountId !== place.identity.accountId) throw refused(place);
  return { name: `@${account.name}`, role: "admin", keyHash };
}

function refused(place: Place): InputError {
  return new InputError("oauth.credential", "This does not open the door.", {
    status: 403,
    fix:
      place.kind === "workspace"
        ? "Enter a token of this workspace (wt_...), or the key of the account that owns it (ak_...)."
        : "Enter the key of your account (ak_...).",
  });
}

/** Records the grant where it can be taken away. */
export async function createGrant(
  services: Services,
  place: Place,
  given: { readonly person: Person; readonly role: Role; readonly client: string },
): Promise<{ readonly id: string; readonly grant: Grant }> {
  const { person, client } = given;
  const { keyHash } = person;
  if (place.kind === "account") {
    if (keyHash === undefined) throw refused(place);
    return { id: keyHash.slice(0, 32), grant: { kind: "account", keyHash } };
  }
  if (!rolesUpTo(person.role ?? "read-only").includes(given.role)) throw refused(place);
  const stub = workspaceStub(services.env, place.identity.id);
  const { id } = unwrap(
    await stub.issueToken({
      member: person.name,
      role: given.role,
      client,
      ...(person.tokenId === undefined ? {} : { parentId: person.tokenId }),
      ...(person.tools ? { tools: person.tools } : {}),
    }),
  );
  const grant = { kind: "member", tokenId: id, ...(keyHash === undefined ? {} : { keyHash }) };
  return { id, grant: grant as Grant };
}

/** Whether the account key that opened this grant still is one; a member's token needs none. */
export async function hasLiveKey(services: Services, { keyHash }: Grant): Promise<boolean> {
  return keyHash === undefined || (await authenticateKeyHash(services, keyHash)) !== undefined;
}

/** Whether another token may be made for this grant. */
export async function isAlive(services: Services, place: Place, grant: Grant): Promise<boolean> {
  if (!(await hasLiveKey(services, grant))) return false;
  if (grant.kind === "account") return place.kind === "account";
  if (place.kind !== "workspace") return false;
  const stub = workspaceStub(services.env, place.identity.id);
  return (await stub.authenticateGrant(grant.tokenId)).ok;
}
