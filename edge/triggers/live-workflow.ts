import { Buffer } from "node:buffer";
import { ConfigurationError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import type { Env } from "#edge/env";
import { tooManyRuns } from "#edge/gateway/open-workflow";
import { workspaceStub } from "#edge/gateway/stub";
import type { LiveWorkflow, OpenedWorkflow, WorkflowQuery } from "#edge/gateway/live-items";
import type { Starter } from "#edge/workflow/answerer";
import type { Callback, RunConversation, RunRequest } from "#edge/workflow/run-api";

export interface Start extends Starter {
  readonly workspaceId: string;
  readonly workflow: string;
  readonly runId: string;
  readonly trigger: RunRequest["trigger"];
  readonly input: unknown;
  readonly fingerprint?: string;
  readonly baseUrl?: string;
  readonly callback?: Callback;
  readonly conversation?: RunConversation;
}

interface Known {
  readonly tag: string;
  readonly definition: LiveWorkflow;
}

/** Definitions that this isolate has seen, by workspace and question; the oldest leaves first. */
const known = new Map<string, Known>();
const knownAtMost = 500;

/** Asks the workspace once; a definition that this isolate has already does not travel again. */
export async function openWorkflow(
  env: Env,
  workspaceId: string,
  query: WorkflowQuery,
): Promise<OpenedWorkflow> {
  const key = JSON.stringify([workspaceId, "endpoint" in query ? query.endpoint : query]);
  const seen = known.get(key);
  const stub = workspaceStub(env, workspaceId);
  const opened = unwrap(
    await stub.openWorkflow({ ...query, ...(seen ? { known: seen.tag } : {}) }),
  );
  const { workflow } = opened;
  if (!workflow) return opened;
  const { tag, version, definition = seen?.definition } = workflow;
  if (definition === undefined) return opened;
  if (definition !== seen?.definition) remember(key, { tag, definition });
  return { ...opened, workflow: { version, tag, definition } };
}

function remember(key: string, value: Known): void {
  known.delete(key);
  const oldest = known.size >= knownAtMost ? known.keys().next().value : undefined;
  if (oldest !== undefined) known.delete(oldest);
  known.set(key, value);
}

/** A run of the workflow version that takes traffic now. @throws as `toRunRequest` does */
export async function requestRun(env: Env, start: Start): Promise<RunRequest> {
  const { workspaceId, workflow } = start;
  return toRunRequest(await openWorkflow(env, workspaceId, { workflow }), start);
}

/** @throws ConfigurationError `workflow.not-live`; InputError `workspace.too-many-runs` */
export function toRunRequest({ workflow: live, isFull }: Partial<OpenedWorkflow>, start: Start) {
  const { workflow, runId, ...rest } = start;
  if (live?.definition === undefined) {
    throw new ConfigurationError(
      "workflow.not-live",
      `The workflow "${workflow}" is not deployed.`,
      {
        fix: "Deploy it, then try again.",
      },
    );
  }
  if (isFull) throw tooManyRuns();
  const request: RunRequest = {
    ...rest,
    id: runId,
    name: workflow,
    version: live.version,
    document: live.definition,
    mode: "live",
  };
  return request;
}

export async function fingerprintOf(body: Uint8Array<ArrayBuffer>): Promise<string> {
  return Buffer.from(await crypto.subtle.digest("SHA-256", body)).toString("hex");
}
