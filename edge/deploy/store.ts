import { and, eq, isNull } from "drizzle-orm";
import type { Blueprint } from "#blueprints/blueprint";
import { ConfigurationError, InputError } from "#blueprints/error";
import { blueprints } from "#edge/db/tables/drafts";
import { bots, resources, resourceVersions, webhooks } from "#edge/db/tables/resources";
import { createId } from "#edge/id";
import { createCredential } from "#edge/identity/credential";
import type { AccountActor } from "#edge/identity/actor";
import { hashOf } from "#edge/registry/canonical";
import type { Services } from "#edge/services";
import type { ResourceSummary } from "./answers.ts";
import type { CompiledItem } from "./compiled.ts";

export interface StoreRequest {
  readonly actor: AccountActor;
  readonly workspaceId: string;
  readonly blueprint: Blueprint;
  readonly items: readonly CompiledItem[];
}

/** D1 holds at most 2 MB in a row; definition and compiled form share one. */
const maxRowBytes = 1_900_000;

type Existing = typeof resources.$inferSelect & {
  hash: string;
  compiled: CompiledItem["compiled"];
};

/**
 * Blueprint, resources and versions, all or nothing. Version = the previous one + 1; an unchanged
 * item keeps its version. Another `create` at the same moment makes this one look again.
 */
export async function storeVersions(
  services: Services,
  request: StoreRequest,
): Promise<{ blueprintId: string; resources: ResourceSummary[] }> {
  const hashes = await Promise.all(
    request.items.map(({ definition, compiled }) => hashOf({ definition, compiled })),
  );
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await storeOnce(services, request, hashes);
    } catch (cause) {
      // A unique key: someone else stored the same version in between.
      if (!isUniqueViolation(cause)) throw cause;
      if (attempt < 4) continue;
      throw new ConfigurationError(
        "create.busy",
        "Others keep creating the same resources at this moment.",
        { cause, retryAfterMs: 1_000, fix: "Call again." },
      );
    }
  }
}

async function storeOnce(
  services: Services,
  request: StoreRequest,
  hashes: readonly string[],
): Promise<{ blueprintId: string; resources: ResourceSummary[] }> {
  const { db } = services;
  const now = services.now();
  const blueprintId = createId("bp", now);
  const existing = await latestVersions(services, request.workspaceId);
  const planned = request.items.map((item, at) =>
    planVersion(item, hashes[at] ?? "", existing.get(`${item.kind}/${item.name}`), now),
  );
  const { accountId } = request.actor;
  const statements = planned.flatMap((plan) => {
    const { item, id, version, hash, isNew, hasNewAddress, changed } = plan;
    if (!changed) return [db.update(resources).set({ blueprintId }).where(eq(resources.id, id))];
    const { workspaceId } = request;
    const { kind, name } = item;
    const row = { id, workspaceId, accountId, kind, name, blueprintId, createdAt: now };
    return [
      isNew
        ? db.insert(resources).values({ ...row, latestVersion: version })
        : db
            .update(resources)
            .set({ blueprintId, latestVersion: version })
            .where(eq(resources.id, id)),
      db.insert(resourceVersions).values({
        resourceId: id,
        version,
        blueprintId,
        definition: item.definition,
        compiled: plan.compiled,
        hash,
        createdAt: now,
      }),
      ...(hasNewAddress ? addressOf(db, plan, workspaceId) : []),
    ];
  });
  await db.batch([
    db.insert(blueprints).values({
      id: blueprintId,
      accountId,
      workspaceId: request.workspaceId,
      name: request.blueprint.name,
      document: request.blueprint,
      resources: planned.map(({ id, version }) => ({ id, version })),
      createdAt: now,
    }),
    ...statements,
  ]);
  return {
    blueprintId,
    resources: planned.map(({ item: { kind, name }, id, version, live }) => {
      return { kind, id, name, version, state: live ? "live" : "draft" };
    }),
  };
}

/** For the route of webhooks, or of bots. */
function addressOf(db: Services["db"], { item, compiled }: PlannedVersion, workspaceId: string) {
  const { name } = item;
  const { live } = compiled;
  if (live?.kind === "webhook") {
    return [db.insert(webhooks).values({ id: live.definition.id, workspaceId, name })];
  }
  if (live?.kind !== "bot") return [];
  return [db.insert(bots).values({ id: live.definition.id, workspaceId, name })];
}

interface PlannedVersion {
  readonly item: CompiledItem;
  readonly id: string;
  readonly version: number;
  readonly hash: string;
  readonly compiled: CompiledItem["compiled"];
  readonly isNew: boolean;
  /** It answers where nothing of this name did: its route must learn the address. */
  readonly hasNewAddress: boolean;
  readonly changed: boolean;
  /** This very version takes traffic already. */
  readonly live: boolean;
}

function planVersion(
  item: CompiledItem,
  hash: string,
  existing: Existing | undefined,
  now: number,
): PlannedVersion {
  const id = existing?.id ?? createId("res", now);
  if (existing && existing.hash === hash) {
    const { latestVersion: version, compiled } = existing;
    const live = existing.liveVersion === version;
    const same = { isNew: false, hasNewAddress: false, changed: false };
    return { item, id, version, hash, compiled, ...same, live };
  }
  const version = (existing?.latestVersion ?? 0) + 1;
  const compiled = numbered(item.compiled, version, existing);
  const bytes = JSON.stringify(compiled).length + JSON.stringify(item.definition).length;
  if (bytes > maxRowBytes) throw tooLarge(item, bytes);
  const hasNewAddress = existing?.compiled.live?.kind !== compiled.live?.kind;
  const isNew = !existing;
  return { item, id, version, hash, compiled, isNew, hasNewAddress, changed: true, live: false };
}

/**
 * Version and address are given here: neither is part of what makes a version new. The address of a
 * webhook or bot has 256 random bits, because a `token` webhook may have no other protection.
 */
function numbered(
  compiled: CompiledItem["compiled"],
  version: number,
  existing: Existing | undefined,
): CompiledItem["compiled"] {
  const { live } = compiled;
  if (!live) return compiled;
  const before = existing?.compiled.live;
  if (live.kind === "webhook") {
    const id = before?.kind === "webhook" ? before.definition.id : `hook_${createCredential("")}`;
    return { ...compiled, live: { ...live, version, definition: { ...live.definition, id } } };
  }
  if (live.kind === "bot") {
    const id = before?.kind === "bot" ? before.definition.id : `bot_${createCredential("")}`;
    return { ...compiled, live: { ...live, version, definition: { ...live.definition, id } } };
  }
  return { ...compiled, live: { ...live, version } };
}

async function latestVersions(
  services: Services,
  workspaceId: string,
): Promise<Map<string, Existing>> {
  const rows = await services.db
    .select({ resource: resources, version: resourceVersions })
    .from(resources)
    .innerJoin(
      resourceVersions,
      and(
        eq(resourceVersions.resourceId, resources.id),
        eq(resourceVersions.version, resources.latestVersion),
      ),
    )
    .where(and(eq(resources.workspaceId, workspaceId), isNull(resources.deletedAt)));
  return new Map(
    rows.map(({ resource, version: { hash, compiled } }) => [
      `${resource.kind}/${resource.name}`,
      { ...resource, hash, compiled },
    ]),
  );
}

function isUniqueViolation(error: unknown): boolean {
  const texts = [error, (error as { cause?: unknown } | undefined)?.cause].map((part) =>
    part instanceof Error ? part.message : "",
  );
  // D1 gives no code beside the text of SQLite.
  return texts.some((text) => text.includes("UNIQUE constraint failed"));
}

function tooLarge(item: CompiledItem, bytes: number): InputError {
  return new InputError(
    "blueprint.item-too-large",
    `The ${item.kind} "${item.name}" takes ${bytes} bytes with its compiled code; at most ${maxRowBytes} are stored.`,
    { status: 413, fix: "Split it, or leave out what it does not need." },
  );
}
