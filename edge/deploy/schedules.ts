import { ConfigurationError } from "#blueprints/error";
import type { Env } from "#edge/env";
import type { LiveItem } from "#edge/gateway/workspace-api";

/** Sets or stops the clocks of the schedules among the items. */
export async function configureSchedules(
  _env: Env,
  _workspaceId: string,
  items: readonly LiveItem[],
  _options: { readonly stop?: boolean } = {},
): Promise<void> {
  if (!items.some(({ kind }) => kind === "schedule")) return;
  throw new ConfigurationError("deploy.not-supported", "Schedules cannot go live yet.");
}
