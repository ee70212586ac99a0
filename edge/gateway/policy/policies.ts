import { eq } from "drizzle-orm";
import { InputError } from "#blueprints/error";
import { policies } from "#edge/db/tables/workspace-object";
import type { WorkspaceDatabase } from "#edge/db/workspace-database";
import { type ArgumentPolicy, checkPolicy } from "./argument-policy.ts";

const maximum = 100;

/** The policies of a workspace, in memory beside their rows: this object is their only writer. */
export class Policies {
  readonly #database: WorkspaceDatabase;
  #known: readonly ArgumentPolicy[] | undefined;

  constructor(database: WorkspaceDatabase) {
    this.#database = database;
  }

  /** Adds, or replaces the one of the same name. Throws `policy.expression`, `policy.too-many`. */
  put(policy: ArgumentPolicy): void {
    checkPolicy(policy);
    const others = this.list().filter(({ name }) => name !== policy.name);
    if (others.length >= maximum) {
      throw new InputError("policy.too-many", `A workspace has at most ${maximum} policies.`, {
        fix: "Take away one that is not needed, or say more in one expression.",
      });
    }
    this.#database
      .insert(policies)
      .values({ name: policy.name, definition: policy })
      .onConflictDoUpdate({ target: policies.name, set: { definition: policy } })
      .run();
    this.#known = undefined;
  }

  remove(name: string): void {
    this.#database.delete(policies).where(eq(policies.name, name)).run();
    this.#known = undefined;
  }

  /** By name. */
  list(): readonly ArgumentPolicy[] {
    this.#known ??= this.#database
      .select()
      .from(policies)
      .orderBy(policies.name)
      .all()
      .map(({ definition }) => definition);
    return this.#known;
  }
}
