import type { Integration } from "../integration.ts";
import { commerce, crm, finance, marketing, people, shops } from "./business.ts";
import { chat, mail, meetings, phone } from "./communication.ts";
import { cloud, code, issues, operations, support } from "./engineering.ts";
import { social, sites, research } from "./internet.ts";
import { databases, documents, models, tables, vectors } from "./knowledge.ts";

/** Every service the planner knows by name. */
export const integrations: readonly Integration[] = [
  ...chat,
  ...phone,
  ...mail,
  ...meetings,
  ...crm,
  ...marketing,
  ...commerce,
  ...shops,
  ...finance,
  ...people,
  ...code,
  ...issues,
  ...support,
  ...operations,
  ...cloud,
  ...databases,
  ...tables,
  ...vectors,
  ...documents,
  ...models,
  ...social,
  ...sites,
  ...research,
];

export const integrationById: ReadonlyMap<string, Integration> = new Map(
  integrations.map((integration) => [integration.id, integration]),
);
