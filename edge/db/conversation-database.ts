import { drizzle, type DrizzleSqliteDODatabase } from "drizzle-orm/durable-sqlite";
import { migrateObject } from "./migrate-object.ts";
import createConversation from "./migrations/conversation/0001-create-conversation.sql";

export type ConversationDatabase = DrizzleSqliteDODatabase;

/** The SQLite of a `Conversation` object, migrated. Synchronous; call it in the constructor. */
export function openConversationDatabase(storage: DurableObjectStorage): ConversationDatabase {
  migrateObject(storage, [{ id: "0001-create-conversation", sql: createConversation }]);
  return drizzle(storage);
}
