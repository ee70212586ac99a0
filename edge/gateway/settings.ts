import { settings } from "#edge/db/tables/workspace-object";
import type { WorkspaceDatabase } from "#edge/db/workspace-database";
import type { WorkspaceSettings } from "./workspace-api.ts";

const defaults: WorkspaceSettings = { captureCalls: false, keptDays: 30, keptRows: 100_000 };

/** What an admin decided for the whole workspace, in memory beside its row. */
export class Settings {
  readonly #database: WorkspaceDatabase;
  #known: WorkspaceSettings | undefined;

  constructor(database: WorkspaceDatabase) {
    this.#database = database;
  }

  get(): WorkspaceSettings {
    this.#known ??= { ...defaults, ...this.#database.select().from(settings).get()?.value };
    return this.#known;
  }

  /** What is not named stays as it is. */
  change(change: Partial<WorkspaceSettings>): WorkspaceSettings {
    const value = { ...this.get(), ...change };
    this.#database
      .insert(settings)
      .values({ key: "workspace", value })
      .onConflictDoUpdate({ target: settings.key, set: { value } })
      .run();
    this.#known = value;
    return value;
  }
}
