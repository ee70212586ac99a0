import { InputError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import type { Env } from "#edge/env";
import { rememberRun } from "./known-runs.ts";
import type { RunTrace } from "./run-api.ts";
import { isRunId } from "./run-id.ts";
import { readTrace, runStub } from "./start.ts";

/** Where a person sees a run, after a sign-in, and a program reads it: nothing about it is secret. */
export function runUrl(baseUrl: string, id: string): string {
  return `${baseUrl}/runs/${id}`;
}

/**
 * The trace of a run in a workspace that the caller may read.
 * @throws InputError `run.not-found` (404), the same for what is missing and what is another's
 */
export async function findRun(
  env: Env,
  id: string,
  mayRead: (workspaceId: string) => Promise<boolean>,
): Promise<RunTrace> {
  await assertReadable(env, id, mayRead);
  return readTrace(env, id);
}

/** The id of its workspace. @throws InputError `run.not-found` (404), as `findRun` */
export async function assertReadable(
  env: Env,
  id: string,
  mayRead: (workspaceId: string) => Promise<boolean>,
): Promise<string> {
  const workspaceId = isRunId(id) ? await homeOf(env, id) : undefined;
  if (workspaceId !== undefined && (await mayRead(workspaceId))) return workspaceId;
  throw new InputError("run.not-found", `There is no run "${id.slice(0, 64)}".`, {
    status: 404,
    fix: "List the runs of the workspace and read one of those.",
  });
}

/** Only "not found" becomes undefined; any other failure stays what it is. */
async function homeOf(env: Env, id: string): Promise<string | undefined> {
  const home = await runStub(env, id).home();
  if (!home.ok && home.error.code === "run.not-found") return undefined;
  rememberRun(id);
  return unwrap(home);
}
