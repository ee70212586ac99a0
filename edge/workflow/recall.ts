import { InputError } from "#blueprints/error";
import type { DetachedResult } from "#blueprints/node-context";
import { unwrap } from "#blueprints/outcome";
import type { Env } from "#edge/env";
import { isRunId } from "./run-id.ts";
import { detachedStep, recallSignals } from "./history.ts";
import { runStub } from "./start.ts";

/** Milliseconds: longer than one request of a step may take, so that its outcome is known. */
const heardMs = 35_000;
/** It ended before it was recalled. */
const tooLate: ReadonlySet<string> = new Set(["run.ended", "signal.too-late"]);

/**
 * Calls off what a detached step of the workspace has not done yet, and tells how it ended. Repeating
 * it changes nothing. @throws InputError `run.not-found`, the same for what is another's
 */
export async function recallDetached(
  env: Env,
  workspaceId: string,
  id: string,
): Promise<DetachedResult> {
  const stub = runStub(env, id);
  const trace = isRunId(id) ? await stub.inspect() : undefined;
  const isOurs =
    trace?.ok && trace.value.workspaceId === workspaceId && trace.value.detachedFrom !== undefined;
  if (!isOurs) {
    throw new InputError("run.not-found", `Nothing was scheduled as "${id.slice(0, 64)}".`, {
      status: 404,
      fix: "Use the `id` that the step gave which scheduled it.",
    });
  }
  let told = await stub.signal(detachedStep, recallSignals.waiting, null);
  if (!told.ok && told.error.code === "signal.expired") {
    told = await stub.signal(detachedStep, recallSignals.after, null);
  }
  if (!told.ok && !tooLate.has(told.error.code)) unwrap(told);
  const { steps } = unwrap(await stub.inspect());
  // Between two attempts nothing is under way whose outcome would have to be awaited.
  const isIdle = steps.some(
    ({ id: step, status }) => step === detachedStep && status === "waiting",
  );
  const { status, output } = unwrap(await stub.result(isIdle ? 0 : heardMs));
  return { status, ...(output === undefined ? {} : { output }) };
}
