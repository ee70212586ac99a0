import { and, eq, lt } from "drizzle-orm";
import { ConfigurationError, InputError } from "#blueprints/error";
import { idempotentAnswers } from "#edge/db/tables/idempotent-answers";
import type { AccountActor } from "#edge/identity/actor";
import { hashOf } from "#edge/registry/canonical";
import type { Services } from "#edge/services";

export interface IdempotentCall {
  readonly tool: string;
  /** Absent: the work is simply done. */
  readonly key?: string | undefined;
  /** What the caller asked for; the same key with another request is a mistake. */
  readonly request: unknown;
}

const dayMs = 86_400_000;
/** A first call that has not answered after this long is taken for dead, and may be repeated. */
const abandonedMs = 120_000;

/**
 * Does the work once a key: a repeated call gets the first one's answer. A call that failed leaves
 * nothing, so that it can be repeated. Throws `idempotency.other-request` (422) for a key used
 * before with something else, `idempotency.in-progress` (409) while the first call is under way.
 */
export async function once<T>(
  services: Services,
  actor: AccountActor,
  { tool, key, request }: IdempotentCall,
  work: () => Promise<T>,
): Promise<T> {
  if (key === undefined) return work();
  const now = services.now();
  const requestHash = await hashOf(request);
  const slot = and(
    eq(idempotentAnswers.accountId, actor.accountId),
    eq(idempotentAnswers.tool, tool),
    eq(idempotentAnswers.idempotencyKey, key),
  );
  const mine = and(slot, eq(idempotentAnswers.createdAt, now));
  const row = {
    accountId: actor.accountId,
    tool,
    idempotencyKey: key,
    requestHash,
    createdAt: now,
  };
  const [, inserted] = await services.db.batch([
    services.db.delete(idempotentAnswers).where(lt(idempotentAnswers.createdAt, now - dayMs)),
    services.db.insert(idempotentAnswers).values(row).onConflictDoNothing().returning(),
  ]);
  if (inserted.length === 0) {
    const first = await services.db.select().from(idempotentAnswers).where(slot).get();
    if (first && first.requestHash !== requestHash) throw otherRequest(key);
    if (first && first.answer !== null) return first.answer as T;
    if (first && !(await takeOver(services, first, now))) throw inProgress(key);
  }
  try {
    const answer = await work();
    await services.db.update(idempotentAnswers).set({ answer }).where(mine);
    return answer;
  } catch (error) {
    await services.db.delete(idempotentAnswers).where(mine);
    throw error;
  }
}

/** True for the one caller that may repeat an abandoned call. */
async function takeOver(
  services: Services,
  first: typeof idempotentAnswers.$inferSelect,
  now: number,
): Promise<boolean> {
  if (first.createdAt > now - abandonedMs) return false;
  const taken = await services.db
    .update(idempotentAnswers)
    .set({ createdAt: now })
    .where(
      and(
        eq(idempotentAnswers.accountId, first.accountId),
        eq(idempotentAnswers.tool, first.tool),
        eq(idempotentAnswers.idempotencyKey, first.idempotencyKey),
        eq(idempotentAnswers.createdAt, first.createdAt),
      ),
    )
    .returning({ key: idempotentAnswers.idempotencyKey });
  return taken.length === 1;
}

function otherRequest(key: string): InputError {
  return new InputError(
    "idempotency.other-request",
    `The idempotency key "${key}" was used before with another request.`,
    { status: 422, fix: "Use a new key for a new request." },
  );
}

function inProgress(key: string): ConfigurationError {
  return new ConfigurationError(
    "idempotency.in-progress",
    `The first call with the idempotency key "${key}" has not answered yet.`,
    { retryAfterMs: 1_000, fix: "Repeat the call in a moment." },
  );
}
