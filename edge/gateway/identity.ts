import { InputError } from "#blueprints/error";
import { identity as identityTable } from "#edge/db/tables/workspace-object";
import type { WorkspaceDatabase } from "#edge/db/workspace-database";
import type { WorkspaceIdentity } from "./workspace-api.ts";

const endedKey = "ended";

/** Which workspace this object is; nothing works before it has been told. */
export class Identity {
  readonly #database: WorkspaceDatabase;
  #known: WorkspaceIdentity | undefined;

  constructor(database: WorkspaceDatabase) {
    this.#database = database;
  }

  /** Only the first telling counts. Throws `workspace.not-found` after the end. */
  initialise(identity: WorkspaceIdentity): void {
    if (this.#hasEnded()) throw notFound();
    this.#database.insert(identityTable).values(identity).onConflictDoNothing().run();
  }

  /** Throws `workspace.not-found` in an object that was never told, or was erased. */
  get(): WorkspaceIdentity {
    this.#known ??= this.#database.select().from(identityTable).get();
    if (this.#known) return this.#known;
    throw notFound();
  }

  /** For good: an erased workspace is never told again who it is. */
  end(): void {
    this.#database.$client.kv.put(endedKey, true);
  }

  #hasEnded(): boolean {
    return this.#database.$client.kv.get(endedKey) === true;
  }
}

function notFound(): InputError {
  return new InputError("workspace.not-found", "There is no such workspace.", {
    status: 404,
    fix: "Check the slug, or make it with create_workspace.",
  });
}
