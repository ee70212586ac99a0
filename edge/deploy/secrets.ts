import type { SecretDeclaration } from "#blueprints/blueprint";
import { unwrap } from "#blueprints/outcome";
import type { AccountActor } from "#edge/identity/actor";
import { createTicket } from "#edge/identity/tickets";
import type { Services } from "#edge/services";
import type { SecretSummary } from "./answers.ts";
import type { Place } from "./place.ts";

/** Makes the workspace know the secrets by name; values already there are kept. */
export async function declareSecrets(
  place: Place,
  declarations: readonly SecretDeclaration[],
): Promise<void> {
  for (const declaration of declarations) unwrap(await place.stub.declareSecret(declaration));
}

/** The state of each, with a one-time page for every value that is missing. */
export async function summariseSecrets(
  services: Services,
  actor: AccountActor,
  place: Place,
  names: readonly string[],
): Promise<SecretSummary[]> {
  if (names.length === 0) return [];
  const states = new Map(
    unwrap(await place.stub.listSecrets()).map((state) => [state.name, state]),
  );
  return Promise.all(
    names.map(async (name): Promise<SecretSummary> => {
      const known = states.get(name);
      const purpose = known?.purpose ?? "";
      if (known?.state === "set") return { name, purpose, state: "set" };
      const { url } = await createTicket(services, {
        purpose: "enter-secret",
        accountId: actor.accountId,
        workspaceId: place.identity.id,
        payload: { secret: name },
      });
      return { name, purpose, state: "missing", enterUrl: url };
    }),
  );
}
