import { ConfigurationError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import type { WorkspaceDescription } from "#edge/gateway/workspace-api";
import type { AccountActor } from "#edge/identity/actor";
import type { Services } from "#edge/services";
import type { Candidate } from "./candidates.ts";
import type { CompiledRequirements } from "./compiled.ts";
import type { Place } from "./place.ts";
import { unique } from "./requirements.ts";
import { summariseSecrets } from "./secrets.ts";

/**
 * Before any test runs: everything that the candidates refer to is live or goes live with them,
 * and every secret has its value. Throws `deploy.not-supported`, `deploy.not-live` and
 * `deploy.secrets-missing` with `details.secrets`, a link where a person enters each.
 */
export async function preflight(
  services: Services,
  actor: AccountActor,
  place: Place,
  candidates: readonly Candidate[],
): Promise<void> {
  const idle = candidates.find(({ kind }) => kind === "bot" || kind === "team");
  if (idle) {
    throw new ConfigurationError(
      "deploy.not-supported",
      `The ${idle.kind} "${idle.name}" cannot go live: this platform does not run ${idle.kind}s yet.`,
      { fix: "Deploy the other resources by their ids; reach people with send_message." },
    );
  }
  const description = unwrap(await place.stub.describe());
  const missing = candidates.flatMap((candidate) =>
    missingFrom(candidate, candidates, description),
  );
  if (missing.length > 0) {
    throw new ConfigurationError("deploy.not-live", `${missing.join(" ")} Nothing was changed.`, {
      fix: "Deploy it too: pass the whole blueprint_id, or the missing resources beside these.",
    });
  }
  const wanted = unique(candidates.flatMap(({ compiled }) => compiled.requires.secrets));
  const set = new Set(
    description.secrets.filter(({ state }) => state === "set").map(({ name }) => name),
  );
  const unset = wanted.filter((name) => !set.has(name));
  if (unset.length === 0) return;
  throw new ConfigurationError(
    "deploy.secrets-missing",
    `${unset.length === 1 ? "The secret" : "The secrets"} ${unset.join(", ")} ${unset.length === 1 ? "has" : "have"} no value yet. Nothing was changed.`,
    {
      fix: "Let a person open each enter_url and type the value, then deploy again.",
      details: {
        secrets: (await summariseSecrets(services, actor, place, unset)).map((secret) => ({
          name: secret.name,
          purpose: secret.purpose,
          state: secret.state,
          enter_url: secret.enterUrl,
        })),
      },
    },
  );
}

const kindOf = {
  functions: "function",
  skills: "skill",
  workflows: "workflow",
  mcps: "mcp",
} as const satisfies Partial<Record<keyof CompiledRequirements, Candidate["kind"]>>;

function missingFrom(
  candidate: Candidate,
  candidates: readonly Candidate[],
  description: WorkspaceDescription,
): string[] {
  const there = (kind: Candidate["kind"], name: string): boolean =>
    candidates.some((other) => other.kind === kind && other.name === name) ||
    description.live.some((item) => item.kind === kind && item.name === name) ||
    (kind === "mcp" && description.links.some((link) => link.alias === name));
  return (Object.keys(kindOf) as (keyof typeof kindOf)[]).flatMap((list) =>
    candidate.compiled.requires[list]
      .filter((name) => !there(kindOf[list], name))
      .map(
        (name) =>
          `The ${candidate.kind} "${candidate.name}" needs the ${kindOf[list]} "${name}", which is not live.`,
      ),
  );
}
