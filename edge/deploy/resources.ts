import { and, desc, eq, isNull, lt } from "drizzle-orm";
import { resourceKinds } from "#blueprints/blueprint";
import { InputError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import { deployments, resources } from "#edge/db/tables/resources";
import { listWorkspaces, openWorkspace } from "#edge/gateway/directory";
import { membersOf } from "#edge/gateway/members";
import type { AccountActor } from "#edge/identity/actor";
import type { Services } from "#edge/services";
import type { ResourceRow } from "./candidates.ts";
import { summariseWorkspace } from "./place.ts";

/** Everything that `list`, `get` and `delete` know by name. */
export const listableKinds = [
  "workspace",
  ...(Object.keys(resourceKinds) as (keyof typeof resourceKinds)[]),
  "deployment",
  "run",
  "member",
  "token",
  "secret",
] as const;
export type ListableKind = (typeof listableKinds)[number];

/** Who stood out longer ago is not news. */
const memberDays = 30;

export interface ListRequest {
  readonly kind: ListableKind;
  /** Slug; needed for runs, members, tokens and secrets, which are a workspace's own. */
  readonly workspace?: string | undefined;
  /** 1 to 200, default 50. */
  readonly limit?: number | undefined;
  /** As `nextCursor` gave it. */
  readonly cursor?: string | undefined;
}

export interface ListAnswer {
  readonly items: Record<string, unknown>[];
  readonly nextCursor?: string;
}

/** What there is of one kind, newest first; never another account's. */
export async function listResources(
  services: Services,
  actor: AccountActor,
  request: ListRequest,
): Promise<ListAnswer> {
  const limit = Math.min(Math.max(request.limit ?? 50, 1), 200);
  switch (request.kind) {
    case "workspace": {
      const all = await listWorkspaces(services, actor);
      return {
        items: all.map((identity) => {
          return { ...summariseWorkspace(services, identity), name: identity.name };
        }),
      };
    }
    case "deployment":
      return listDeployments(services, actor, { ...request, limit });
    case "run":
    case "member":
    case "token":
    case "secret":
      return { items: await listInside(services, actor, { ...request, limit }) };
    case "mcp":
    case "function":
    case "skill":
    case "workflow":
    case "bot":
    case "team":
    case "endpoint":
    case "webhook":
    case "schedule":
      return listVersioned(services, actor, { ...request, limit });
    default:
      return request.kind satisfies never;
  }
}

type Bounded = ListRequest & { readonly limit: number };

/** What the workspace object keeps itself. */
async function listInside(
  services: Services,
  actor: AccountActor,
  { kind, workspace, limit }: Bounded,
): Promise<Record<string, unknown>[]> {
  const { stub } = await openWorkspace(services, actor, needWorkspace(workspace, kind));
  if (kind === "run") return unwrap(await stub.listRuns({ limit })).map((row) => ({ ...row }));
  if (kind === "member") {
    const since = services.now() - memberDays * 86_400_000;
    const usage = unwrap(await stub.usage({ by: "member", since }));
    const members = membersOf(unwrap(await stub.listTokens()), usage, services.now());
    return members.map((row) => ({ ...row }));
  }
  if (kind === "token") return unwrap(await stub.listTokens()).map((row) => ({ ...row }));
  return unwrap(await stub.listSecrets()).map((row) => ({ ...row }));
}

async function listVersioned(
  services: Services,
  actor: AccountActor,
  { kind, workspace, limit, cursor }: Bounded,
): Promise<ListAnswer> {
  const inside =
    workspace === undefined ? undefined : await openWorkspace(services, actor, workspace);
  const rows = await services.db
    .select()
    .from(resources)
    .where(
      and(
        eq(resources.accountId, actor.accountId),
        eq(resources.kind, kind),
        isNull(resources.deletedAt),
        ...(inside ? [eq(resources.workspaceId, inside.identity.id)] : []),
        ...(cursor === undefined ? [] : [lt(resources.id, cursor)]),
      ),
    )
    .orderBy(desc(resources.id))
    .limit(limit + 1);
  const slugs = await slugsOf(services, actor);
  return pageOf(rows, limit, (row) => summariseRow(row, slugs.get(row.workspaceId)));
}

async function listDeployments(
  services: Services,
  actor: AccountActor,
  { workspace, limit, cursor }: Bounded,
): Promise<ListAnswer> {
  const inside =
    workspace === undefined ? undefined : await openWorkspace(services, actor, workspace);
  const rows = await services.db
    .select()
    .from(deployments)
    .where(
      and(
        eq(deployments.accountId, actor.accountId),
        ...(inside ? [eq(deployments.workspaceId, inside.identity.id)] : []),
        ...(cursor === undefined ? [] : [lt(deployments.id, cursor)]),
      ),
    )
    .orderBy(desc(deployments.id))
    .limit(limit + 1);
  const slugs = await slugsOf(services, actor);
  return pageOf(rows, limit, (row) => ({
    id: row.id,
    state: row.state,
    workspace: slugs.get(row.workspaceId),
    resources: row.resources,
    createdAt: row.createdAt,
  }));
}

/** A resource as lists show it; `state` is about the version that was created last. */
export function summariseRow(row: ResourceRow, workspace: string | undefined) {
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    workspace,
    version: row.latestVersion,
    liveVersion: row.liveVersion,
    state: row.liveVersion === null ? "draft" : "live",
    createdAt: row.createdAt,
  };
}

export async function slugsOf(
  services: Services,
  actor: AccountActor,
): Promise<Map<string, string>> {
  return new Map((await listWorkspaces(services, actor)).map(({ id, slug }) => [id, slug]));
}

/** The slug that a kind cannot do without. Throws `list.workspace-needed`. */
export function needWorkspace(workspace: string | undefined, kind: string): string {
  if (workspace !== undefined) return workspace;
  throw new InputError("list.workspace-needed", `A ${kind} belongs to a workspace; name it.`, {
    fix: "Pass `workspace`, its slug; `list` with kind workspace shows yours.",
  });
}

function pageOf<Row extends { readonly id: string }>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Record<string, unknown>,
): ListAnswer {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map(toItem),
    ...(rows.length > limit && last ? { nextCursor: last.id } : {}),
  };
}
