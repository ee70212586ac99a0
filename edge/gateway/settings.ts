import { settings } from "#edge/db/tables/workspace-object";
import type { WorkspaceDatabase } from "#edge/db/workspace-database";
import type { SettingsChange, WorkspaceSettings } from "./workspace-api.ts";

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
  change({ telemetry, ...change }: SettingsChange): WorkspaceSettings {
    const { telemetry: before, ...kept } = this.get();
    const after = telemetry === undefined ? before : (telemetry ?? undefined);
    const value = { ...kept, ...change, ...(after ? { telemetry: after } : {}) };
    this.#database
      .insert(settings)
      .values({ key: "workspace", value })
      .onConflictDoUpdate({ target: settings.key, set: { value } })
      .run();
    this.#known = value;
    return value;
  }
}
