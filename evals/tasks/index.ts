import type { Task } from "../harness/task.ts";
import { digest } from "./digest.ts";
import { flakyUpstream } from "./flaky-upstream.ts";
import { functionTool } from "./function-tool.ts";
import { leadScoring } from "./lead-scoring.ts";
import { misbehavingCode } from "./misbehaving-code.ts";
import { noInfrastructure } from "./no-infrastructure.ts";
import { orderAlert } from "./order-alert.ts";
import { registry } from "./registry.ts";
import { rollback } from "./rollback.ts";
import { signedWebhook } from "./signed-webhook.ts";
import { tenants } from "./tenants.ts";

/** In the order in which they run. */
export const tasks: readonly Task[] = [
  leadScoring,
  orderAlert,
  noInfrastructure,
  functionTool,
  signedWebhook,
  digest,
  rollback,
  registry,
  tenants,
  flakyUpstream,
  misbehavingCode,
];
