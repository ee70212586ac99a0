import { AerostackError, InputError } from "#blueprints/error";
import type { Env } from "#edge/env";
import type { RunTrace } from "./run-api.ts";
import { readTrace } from "./start.ts";

const pattern = /^run_[0-9a-z]{26}$/;

export function isRunId(text: string): boolean {
  return pattern.test(text);
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
  const trace = isRunId(id) ? await readIfThere(env, id) : undefined;
  if (trace && (await mayRead(trace.workspaceId))) return trace;
  throw new InputError("run.not-found", `There is no run "${id.slice(0, 64)}".`, {
    status: 404,
    fix: "List the runs of the workspace and read one of those.",
  });
}

/** Only "not found" becomes undefined; any other failure stays what it is. */
async function readIfThere(env: Env, id: string): Promise<RunTrace | undefined> {
  try {
    return await readTrace(env, id);
  } catch (error) {
    if (error instanceof AerostackError && error.code === "run.not-found") return undefined;
    throw error;
  }
}
