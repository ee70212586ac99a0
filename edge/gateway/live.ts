import { and, eq } from "drizzle-orm";
import { liveItems } from "#edge/db/tables/workspace-object";
import type { WorkspaceDatabase } from "#edge/db/workspace-database";
import type { LiveItem } from "./live-items.ts";

type Kind = LiveItem["kind"];
type Of<K extends Kind> = Extract<LiveItem, { kind: K }>;

/** What is deployed, in memory beside its rows: this object is their only writer. */
export class LiveItems {
  readonly #database: WorkspaceDatabase;
  #items: Map<string, LiveItem> | undefined;

  constructor(database: WorkspaceDatabase) {
    this.#database = database;
  }

  /** All or none. */
  put(items: readonly LiveItem[]): void {
    this.#database.transaction((transaction) => {
      for (const { kind, name, version, definition } of items) {
        transaction
          .insert(liveItems)
          .values({ kind, name, version, definition })
          .onConflictDoUpdate({
            target: [liveItems.kind, liveItems.name],
            set: { version, definition },
          })
          .run();
      }
    });
    for (const item of items) this.#all().set(keyOf(item.kind, item.name), item);
  }

  remove(items: readonly Pick<LiveItem, "kind" | "name">[]): void {
    for (const { kind, name } of items) {
      const row = and(eq(liveItems.kind, kind), eq(liveItems.name, name));
      this.#database.delete(liveItems).where(row).run();
      this.#all().delete(keyOf(kind, name));
    }
  }

  get<K extends Kind>(kind: K, name: string): Of<K> | undefined {
    return this.#all().get(keyOf(kind, name)) as Of<K> | undefined;
  }

  list(): LiveItem[] {
    return [...this.#all().values()];
  }

  #all(): Map<string, LiveItem> {
    this.#items ??= new Map(
      this.#database
        .select()
        .from(liveItems)
        .orderBy(liveItems.kind, liveItems.name)
        .all()
        .map((row) => [keyOf(row.kind, row.name), row as LiveItem]),
    );
    return this.#items;
  }
}

function keyOf(kind: Kind, name: string): string {
  return `${kind}/${name}`;
}
