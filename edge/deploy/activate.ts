import { and, eq, isNull } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { ConfigurationError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import { deployments, resources, resourceVersions } from "#edge/db/tables/resources";
import type { McpLink } from "#edge/gateway/workspace-api";
import type { LiveItem } from "#edge/gateway/live-items";
import type { Services } from "#edge/services";
import type { AccountActor } from "#edge/identity/actor";
import { recordInstalls } from "#edge/registry/record-installs";
import type { TestEvidence } from "./answers.ts";
import { type Candidate, findResources, loadCandidate } from "./candidates.ts";
import type { DeployLock } from "./lock.ts";
import type { Place } from "./place.ts";
import { configureSchedules } from "#edge/triggers/configure";

export interface Activation {
  readonly deploymentId: string;
  readonly actor: AccountActor;
  readonly place: Place;
  readonly lock: DeployLock;
  readonly candidates: readonly Candidate[];
  readonly tests: readonly TestEvidence[];
  /** An install may go live before a person has entered its secrets; a deploy may not. */
  readonly unreachableIsFine?: boolean;
}

/**
 * Lets the candidates take traffic, all in one step of the workspace, then connects what starts
 * and what is reached: schedules and links. Where that fails, what was live before is put back.
 */
export async function activate(services: Services, activation: Activation): Promise<void> {
  const { deploymentId, place, lock, candidates } = activation;
  await lock.confirm();
  await recordDeployment(services, activation, "activating");
  const before = await livingVersions(services, activation);
  try {
    unwrap(await place.stub.putLive(liveItems(candidates)));
    await connect(services, activation, candidates);
  } catch (error) {
    await restore(services, activation, before);
    await services.db
      .update(deployments)
      .set({ state: "failed" })
      .where(eq(deployments.id, deploymentId));
    throw error;
  }
  await markLive(services, activation);
}

/** A deployment that never took traffic, kept for its evidence. */
export async function recordDeployment(
  services: Services,
  { deploymentId, actor, place, candidates, tests }: Omit<Activation, "lock">,
  state: "activating" | "failed",
): Promise<void> {
  await services.db.insert(deployments).values({
    id: deploymentId,
    workspaceId: place.identity.id,
    accountId: actor.accountId,
    state,
    resources: candidates.map(({ id, kind, name, from, version }) => {
      return { id, kind, name, from, to: version };
    }),
    tests: [...tests],
    createdAt: services.now(),
  });
}

function liveItems(candidates: readonly Candidate[]): LiveItem[] {
  return candidates.flatMap(({ compiled }) => (compiled.live ? [compiled.live] : []));
}

async function connect(
  services: Services,
  { place, unreachableIsFine }: Activation,
  candidates: readonly Candidate[],
): Promise<void> {
  await configureSchedules(services.env, place.identity.id, liveItems(candidates));
  const links = candidates.flatMap(({ compiled }) => (compiled.link ? [compiled.link] : []));
  await Promise.all(
    links.map(async (link) => {
      const state = unwrap(await place.stub.linkMcp(link));
      if (state.state === "ready" || unreachableIsFine) return;
      throw unreachable(link, state.problem);
    }),
  );
}

/** The versions that take traffic now, as they were stored. */
async function livingVersions(
  services: Services,
  { actor, candidates }: Activation,
): Promise<Candidate[]> {
  const rows = await findResources(
    services,
    actor,
    candidates.map(({ id }) => id),
  );
  const living = rows.map((row) =>
    row.liveVersion === null ? [] : [loadCandidate(services, row, row.liveVersion)],
  );
  return Promise.all(living.flat());
}

async function restore(
  services: Services,
  activation: Activation,
  before: readonly Candidate[],
): Promise<void> {
  const { place, candidates } = activation;
  const kept = new Set(before.map(({ id }) => id));
  const added = candidates.filter(({ id }) => !kept.has(id));
  unwrap(await place.stub.putLive(liveItems(before)));
  await disconnect(services, place, added);
  // What was there before may be unreachable for the same reason; it is put back all the same.
  await connect(services, { ...activation, unreachableIsFine: true }, before);
}

/** Stops traffic: live items, schedules and links of these. */
export async function disconnect(
  services: Services,
  place: Place,
  candidates: readonly Candidate[],
): Promise<void> {
  const items = liveItems(candidates);
  await configureSchedules(services.env, place.identity.id, items, { stop: true });
  for (const { compiled } of candidates) {
    if (compiled.link) unwrap(await place.stub.unlinkMcp(compiled.link.alias));
  }
  if (items.length > 0) {
    unwrap(await place.stub.removeLive(items.map(({ kind, name }) => ({ kind, name }))));
  }
}

async function markLive(services: Services, activation: Activation): Promise<void> {
  const { db } = services;
  const { deploymentId, candidates, place } = activation;
  const now = services.now();
  const statements: BatchItem<"sqlite">[] = candidates.flatMap(({ id, from, version }) => [
    db
      .update(resources)
      .set({
        liveVersion: version,
        ...(from === null || from === version ? {} : { previousVersion: from }),
      })
      .where(eq(resources.id, id)),
    db
      .update(resourceVersions)
      .set({ deployedAt: now })
      .where(
        and(
          eq(resourceVersions.resourceId, id),
          eq(resourceVersions.version, version),
          isNull(resourceVersions.deployedAt),
        ),
      ),
  ]);
  await db.batch([
    db.update(deployments).set({ state: "live" }).where(eq(deployments.id, deploymentId)),
    ...statements,
  ]);
  await recordInstalls(
    services,
    { workspaceId: place.identity.id, accountId: activation.actor.accountId },
    candidates,
  );
}

function unreachable(link: McpLink, problem: string | undefined): ConfigurationError {
  return new ConfigurationError(
    "deploy.mcp-unavailable",
    `The MCP server "${link.alias}" does not answer${problem ? `: ${problem}` : "."} Nothing was changed.`,
    { fix: "Correct its URL, credential or code, then deploy again." },
  );
}
