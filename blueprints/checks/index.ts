import type { BlueprintCheck } from "./check.ts";
import { checkBots } from "./bots.ts";
import { checkCodeSources } from "./code-sources.ts";
import { checkEdges } from "./edges.ts";
import { checkEndpoints } from "./endpoints.ts";
import { checkEntry } from "./entry.ts";
import { checkHosts } from "./hosts.ts";
import { checkJsonSchemas } from "./json-schemas.ts";
import { checkNames } from "./names.ts";
import { checkNodeConfig } from "./node-config.ts";
import { checkNodeTypes } from "./node-types.ts";
import { checkOrder } from "./order.ts";
import { checkReferences } from "./references.ts";
import { checkSchedules } from "./schedules.ts";
import { checkScopes } from "./scopes.ts";
import { checkSecrets } from "./secrets.ts";
import { checkTemplates } from "./templates.ts";
import { checkTests } from "./tests-refer.ts";
import { checkWebhooks } from "./webhooks.ts";

/** Everything that is checked, in the order in which it is reported. */
export const checks = {
  names: checkNames,
  nodeTypes: checkNodeTypes,
  nodeConfig: checkNodeConfig,
  entry: checkEntry,
  edges: checkEdges,
  order: checkOrder,
  scopes: checkScopes,
  references: checkReferences,
  codeSources: checkCodeSources,
  jsonSchemas: checkJsonSchemas,
  templates: checkTemplates,
  secrets: checkSecrets,
  hosts: checkHosts,
  schedules: checkSchedules,
  endpoints: checkEndpoints,
  webhooks: checkWebhooks,
  bots: checkBots,
  tests: checkTests,
} as const satisfies Record<string, BlueprintCheck>;
