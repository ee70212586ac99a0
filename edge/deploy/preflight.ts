import { isBot } from "#blueprints/bot";
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
 * and every secret has its value. Throws `deploy.not-supported`, `deploy.bot-incomplete`,
 * `deploy.not-a-bot`, `deploy.not-live` and `deploy.secrets-missing` with `details.secrets`, a link where a person enters each.
 */
export async function preflight(
  services: Services,
  actor: AccountActor,
  place: Place,
  candidates: readonly Candidate[],
): Promise<void> {
  const idle = candidates.find(({ kind }) => kind === "team");
  if (idle) {
    throw new ConfigurationError(
      "deploy.not-supported",
      `The ${idle.kind} "${idle.name}" cannot go live: this platform does not run ${idle.kind}s yet.`,
      { fix: "Deploy the other resources by their ids; reach people with send_message." },
    );
  }
  await assertBots(place, candidates);
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

/** Each bot is whole, and what answers for it is a workflow that bots may start. */
async function assertBots(place: Place, candidates: readonly Candidate[]): Promise<void> {
  for (const { kind, name, compiled } of candidates) {
    if (kind !== "bot") continue;
    if (compiled.live?.kind !== "bot") {
      throw new ConfigurationError(
        "deploy.bot-incomplete",
        `The bot "${name}" names no workflow, or no platform that this server talks on. Nothing was changed.`,
        {
          fix: "Give it a `workflow` and at least one of `platforms`, create it again and deploy.",
        },
      );
    }
    const flow = compiled.live.definition.workflow;
    const candidate = candidates.find((one) => one.kind === "workflow" && one.name === flow);
    const live = candidate?.compiled.live ?? unwrap(await place.stub.getLive("workflow", flow));
    if (live?.kind !== "workflow" || isBot(live.definition.workflow)) continue;
    throw new ConfigurationError(
      "deploy.not-a-bot",
      `The workflow "${flow}" of the bot "${name}" is started by something else. Nothing was changed.`,
      { fix: `Set "source": "bot" in the trigger of "${flow}", create it again and deploy.` },
    );
  }
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
