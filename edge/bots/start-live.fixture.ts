import { createId } from "#edge/id";
import { requestRun } from "#edge/triggers/live-workflow";
import { executeRun } from "#edge/workflow/start";
import type { liveBot } from "./chat.fixture.ts";

/** A live workflow as somebody starts it by hand. */
export async function startLive(
  { services, created }: Awaited<ReturnType<typeof liveBot>>,
  workflow: string,
  input: unknown,
) {
  const runId = createId("run", services.now());
  const start = { workspaceId: created.workspace.id, workflow, runId };
  const request = await requestRun(services.env, { ...start, trigger: "manual", input });
  return executeRun(services.env, request, 10_000);
}
