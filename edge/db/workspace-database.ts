import { drizzle, type DrizzleSqliteDODatabase } from "drizzle-orm/durable-sqlite";
import { migrateObject } from "./migrate-object.ts";
import createGateway from "./migrations/workspace/0001-create-gateway.sql";
import createLogs from "./migrations/workspace/0002-create-logs.sql";
import createRetiredSecrets from "./migrations/workspace/0003-create-retired-secrets.sql";
import createToolPins from "./migrations/workspace/0004-create-tool-pins.sql";
import createOauth from "./migrations/workspace/0005-create-oauth.sql";
import createPolicies from "./migrations/workspace/0006-create-policies.sql";
import createUsageDays from "./migrations/workspace/0007-create-usage-days.sql";
import createAttempts from "./migrations/workspace/0008-create-attempts.sql";
import addHolderOfTokens from "./migrations/workspace/0009-add-holder-of-tokens.sql";

export type WorkspaceDatabase = DrizzleSqliteDODatabase & {
  readonly $client: DurableObjectStorage;
};

/** The SQLite of a `Workspace` object, migrated. Synchronous; call it in the constructor. */
export function openWorkspaceDatabase(storage: DurableObjectStorage): WorkspaceDatabase {
  migrateObject(storage, [
    { id: "0001-create-gateway", sql: createGateway },
    { id: "0002-create-logs", sql: createLogs },
    { id: "0003-create-retired-secrets", sql: createRetiredSecrets },
    { id: "0004-create-tool-pins", sql: createToolPins },
    { id: "0005-create-oauth", sql: createOauth },
    { id: "0006-create-policies", sql: createPolicies },
    { id: "0007-create-usage-days", sql: createUsageDays },
    { id: "0008-create-attempts", sql: createAttempts },
    { id: "0009-add-holder-of-tokens", sql: addHolderOfTokens },
  ]);
  return drizzle(storage);
}
