import { and, eq } from "drizzle-orm";
import { InputError } from "#blueprints/error";
import { plans, scaffolds } from "#edge/db/tables/drafts";
import type { AccountActor } from "#edge/identity/actor";
import { createId } from "#edge/id";
import type { Services } from "#edge/services";
import type { PlanAnswer } from "#planner/request";

/** Plans and scaffolds between the calls of the life cycle; each is its account's alone. */

export async function storePlan(
  services: Services,
  actor: AccountActor,
  plan: { readonly intent: string; readonly answer: PlanAnswer },
): Promise<string> {
  const now = services.now();
  const id = createId("plan", now);
  await services.db
    .insert(plans)
    .values({ id, accountId: actor.accountId, createdAt: now, ...plan });
  return id;
}

export async function readPlan(
  services: Services,
  actor: AccountActor,
  id: string,
): Promise<{ intent: string; answer: PlanAnswer }> {
  const row = await services.db
    .select()
    .from(plans)
    .where(and(eq(plans.id, id), eq(plans.accountId, actor.accountId)))
    .get();
  // We stored it ourselves, from a PlanAnswer.
  if (row) return { intent: row.intent, answer: row.answer as PlanAnswer };
  throw new InputError("plan.not-found", `There is no plan "${id}".`, {
    fix: "Call plan and use the plan_id of its answer.",
    status: 404,
  });
}

export async function storeScaffold(
  services: Services,
  actor: AccountActor,
  scaffold: { readonly planId?: string; readonly blueprint: unknown },
): Promise<string> {
  const now = services.now();
  const id = createId("scf", now);
  await services.db.insert(scaffolds).values({
    id,
    accountId: actor.accountId,
    planId: scaffold.planId ?? null,
    blueprint: scaffold.blueprint,
    createdAt: now,
  });
  return id;
}

/** The complete blueprint of a scaffold, not yet checked again. */
export async function readScaffold(
  services: Services,
  actor: AccountActor,
  id: string,
): Promise<unknown> {
  const row = await services.db
    .select()
    .from(scaffolds)
    .where(and(eq(scaffolds.id, id), eq(scaffolds.accountId, actor.accountId)))
    .get();
  if (row) return row.blueprint;
  throw new InputError("scaffold.not-found", `There is no scaffold "${id}".`, {
    fix: "Call scaffold and use the scaffold_id of its answer.",
    status: 404,
  });
}
