import { drizzle } from "drizzle-orm/d1";
import { ConfigurationError } from "#blueprints/error";
import type { LinkPurpose } from "#blueprints/node-context";
import { unwrap } from "#blueprints/outcome";
import type { Env } from "#edge/env";
import { workspaceStub } from "#edge/gateway/stub";
import { createTicket } from "#edge/identity/tickets";
import type { RunRequest } from "./run-api.ts";

export interface LinkRequest {
  readonly purpose: LinkPurpose;
  /** Path of the step that the person answers. */
  readonly step: string;
  /** Milliseconds since 1970. */
  readonly until: number;
  /** The link itself proves this. */
  readonly proof?: string;
}

/** A ticket for a person, in the name of the workspace's account. @throws ConfigurationError `platform.no-url` */
export async function createLink(
  env: Env,
  run: RunRequest,
  { purpose, step, until, proof }: LinkRequest,
): Promise<string> {
  const baseUrl = env.AEROSTACK_URL ?? run.baseUrl;
  if (baseUrl === undefined) {
    throw new ConfigurationError("platform.no-url", "The platform does not know its public URL.", {
      fix: "Set AEROSTACK_URL, so that links can be made for runs that no request started.",
    });
  }
  const { accountId, id } = unwrap(await workspaceStub(env, run.workspaceId).describe());
  const now = Date.now();
  const { url } = await createTicket(
    { env, db: drizzle(env.DB), baseUrl, now: () => now, waitUntil: () => undefined },
    {
      purpose,
      accountId,
      workspaceId: id,
      payload: { runId: run.id, step, ...(proof === undefined ? {} : { proof }) },
      ttlMs: Math.max(0, until - now),
    },
  );
  return url;
}
