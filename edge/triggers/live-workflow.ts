import { Buffer } from "node:buffer";
import { ConfigurationError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import type { Env } from "#edge/env";
import { workspaceStub } from "#edge/gateway/stub";
import type { RunRequest } from "#edge/workflow/run-api";

export interface Start {
  readonly workspaceId: string;
  readonly workflow: string;
  readonly runId: string;
  readonly trigger: RunRequest["trigger"];
  readonly input: unknown;
  readonly fingerprint?: string;
}

/** A run of the workflow version that takes traffic now. @throws ConfigurationError `workflow.not-live` */
export async function requestRun(env: Env, start: Start): Promise<RunRequest> {
  const { workspaceId, workflow, runId, trigger, input, fingerprint } = start;
  const live = unwrap(await workspaceStub(env, workspaceId).getLive("workflow", workflow));
  if (live?.kind !== "workflow") {
    throw new ConfigurationError(
      "workflow.not-live",
      `The workflow "${workflow}" is not deployed.`,
      {
        fix: "Deploy it, then try again.",
      },
    );
  }
  return {
    id: runId,
    workspaceId,
    name: workflow,
    version: live.version,
    document: live.definition,
    trigger,
    input,
    mode: "live",
    ...(fingerprint === undefined ? {} : { fingerprint }),
  };
}

/** The run id that these parts always lead to: who asks twice joins one run. */
export async function runIdOf(...parts: readonly string[]): Promise<string> {
  const digest = await sha256(JSON.stringify(parts));
  const letters = "0123456789abcdefghjkmnpqrstvwxyz";
  return `run_${Array.from(digest.slice(0, 26), (byte) => letters[byte % 32]).join("")}`;
}

export async function fingerprintOf(body: Uint8Array<ArrayBuffer>): Promise<string> {
  return Buffer.from(await crypto.subtle.digest("SHA-256", body)).toString("hex");
}

async function sha256(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}
