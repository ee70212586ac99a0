import { z } from "zod";
import type { SecretSummary } from "#edge/deploy/answers";

/** Secrets in an answer: names and states, and where a person enters what is missing. */
export const secretsField = z.array(
  z.object({ name: z.string(), state: z.string(), enter_url: z.string().optional() }),
);

export function toWireSecrets(
  secrets: readonly SecretSummary[],
): { name: string; state: string; purpose: string; enter_url?: string }[] {
  return secrets.map(({ name, state, purpose, enterUrl }) => ({
    name,
    state,
    purpose,
    ...(enterUrl ? { enter_url: enterUrl } : {}),
  }));
}
