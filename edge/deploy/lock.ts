import { and, eq, gt, lte } from "drizzle-orm";
import { ConfigurationError } from "#blueprints/error";
import { deployLocks } from "#edge/db/tables/resources";
import { createId } from "#edge/id";
import type { Services } from "#edge/services";

/** Longer than any deploy lasts; a deploy that died frees its workspace after this. */
const holdMs = 120_000;

/** What the holder may ask while it works. */
export interface DeployLock {
  /** Throws `deploy.lock-lost` when the time is over and another deploy may have begun. */
  confirm(): Promise<void>;
}

/**
 * One change of what is live in a workspace at a time. A second one is refused at once with
 * `deploy.busy` (409), rather than left waiting behind tests of unknown length.
 */
export async function withDeployLock<T>(
  services: Services,
  workspaceId: string,
  work: (lock: DeployLock) => Promise<T>,
): Promise<T> {
  const { db } = services;
  const now = services.now();
  const holder = createId("dep", now);
  const mine = and(eq(deployLocks.workspaceId, workspaceId), eq(deployLocks.holder, holder));
  const held = await db
    .insert(deployLocks)
    .values({ workspaceId, holder, expiresAt: now + holdMs })
    .onConflictDoUpdate({
      target: deployLocks.workspaceId,
      set: { holder, expiresAt: now + holdMs },
      setWhere: lte(deployLocks.expiresAt, now),
    })
    .returning();
  if (held.length === 0) {
    throw new ConfigurationError(
      "deploy.busy",
      "Another deploy, install or rollback of this workspace is under way.",
      { retryAfterMs: 2_000, fix: "Wait until it has answered, then repeat this call." },
    );
  }
  const confirm = async (): Promise<void> => {
    const extended = await db
      .update(deployLocks)
      .set({ expiresAt: services.now() + holdMs })
      .where(and(mine, gt(deployLocks.expiresAt, services.now())))
      .returning();
    if (extended.length === 1) return;
    throw new ConfigurationError("deploy.lock-lost", "The deploy took too long and was given up.", {
      fix: "Deploy again.",
    });
  };
  try {
    return await work({ confirm });
  } finally {
    await db.delete(deployLocks).where(mine);
  }
}
