import { entryType } from "#blueprints/node";
import { retrySchema } from "#blueprints/blueprint";
import { unwrap } from "#blueprints/outcome";
import type { Env } from "#edge/env";
import type { LiveWorkflow } from "#edge/gateway/live-items";
import { workspaceStub } from "#edge/gateway/stub";
import { signHeader } from "#edge/isolates/signatures";
import type { Callback, RunRequest, RunResult } from "./run-api.ts";
import type { RunState } from "./run-state.ts";
import { runIdOf } from "./run-id.ts";
import { startRun } from "./start.ts";
import { toResult } from "./trace.ts";

/** Characters of JSON; a larger output is left out, the receiver reads it at the run. */
const longest = 1_000_000;
/** A second, then three, nine ... up to six hours; a day and a half all together. */
const retry = retrySchema.parse({ attempts: 16, factor: 3, max_delay_ms: 6 * 3_600_000 });

/**
 * Tells who asked for it that a run has ended: by a run of its own, which is as durable as any, is
 * seen and cancelled as one, and changes nothing of the run that it speaks of. May be repeated.
 */
export async function leaveCallback(env: Env, run: RunRequest, state: RunState): Promise<void> {
  const { callback } = run;
  if (callback === undefined || run.mode !== "live") return;
  const event = toEvent(run, toResult(run, state), state.endedAt ?? 0);
  const redacted = await workspaceStub(env, run.workspaceId).redact(JSON.stringify(event));
  // Nobody can sign for a workspace that was deleted meanwhile.
  if (!redacted.ok && redacted.error.code === "workspace.not-found") return;
  const id = await runIdOf("callback", run.id);
  await startRun(env, { ...toDelivery(run, callback, unwrap(redacted)), id });
}

/** The body, https://www.standardwebhooks.com: type, timestamp, data. */
function toEvent(run: RunRequest, { status, output, error }: RunResult, endedAt: number): object {
  const isOmitted = JSON.stringify(output ?? null).length > longest;
  return {
    type: `run.${status}`,
    timestamp: new Date(endedAt).toISOString(),
    data: {
      run_id: run.id,
      workflow: run.name,
      status,
      ...(status !== "succeeded" ? {} : isOmitted ? { output_omitted: true } : { output }),
      ...(error === undefined ? {} : { error }),
      ...(run.baseUrl === undefined ? {} : { url: `${run.baseUrl}/runs/${run.id}` }),
    },
  };
}

function toDelivery(
  { id, workspaceId, name, version, baseUrl }: RunRequest,
  { url, secret, hosts }: Callback,
  body: string,
): Omit<RunRequest, "id"> {
  const headers = {
    "content-type": "application/json",
    ...signHeader({ scheme: "standard-webhooks", id, key: `{{ secrets.${secret} }}` }),
  };
  const deliver = { method: "POST", url: "{{ input.url }}", headers, body: "{{ input.body }}" };
  const document: LiveWorkflow = {
    workflow: {
      name,
      description: "",
      input: { type: "object" },
      nodes: [
        { id: "start", type: entryType, config: { source: "workflow" } },
        { id: "deliver", type: "action", config: { ...deliver, effect: "idempotent" }, retry },
      ],
      edges: [{ from: "start", port: "next", to: "deliver" }],
    },
    functions: {},
    egress: hosts,
    secrets: [{ name: secret, purpose: "", kind: "token", hosts: [...hosts] }],
  };
  return {
    workspaceId,
    name,
    version,
    document,
    trigger: "workflow",
    input: { url, body },
    mode: "live",
    parent: { runId: id, step: "", callers: [], detached: true },
    ...(baseUrl === undefined ? {} : { baseUrl }),
  };
}
