import { and, eq, isNull } from "drizzle-orm";
import { InputError } from "#blueprints/error";
import { workspaces } from "#edge/db/tables/workspaces";
import { workspaceStub } from "#edge/gateway/stub";
import { bearer } from "#edge/identity/bearer";
import { authenticateKey } from "#edge/identity/keys";
import { limitPublic } from "#edge/limit";
import type { Services } from "#edge/services";
import { assertReadable } from "#edge/workflow/find-run";
import { isKnownRun } from "#edge/workflow/known-runs";
import { credentialOf } from "./reader-cookie.ts";

/** Whether the caller may read what belongs to a workspace: its owner, or the holder of its token. */
export type Reader = (workspaceId: string) => Promise<boolean>;

/**
 * As a program says it, or as a person signed in on the page of a run.
 * @throws InputError `run.unauthorised` (401) without a credential, or with an unknown account key
 */
export async function mayRead(services: Services, request: Request): Promise<Reader> {
  return readerWith(services, await shownBy(services, request));
}

async function shownBy(services: Services, request: Request): Promise<string> {
  const credential = bearer(request) ?? (await credentialOf(services, request));
  if (credential === undefined) throw refused();
  return credential;
}

/**
 * The id of the workspace of a run that the caller may read. A workspace token says nothing about
 * itself before the run is found, and every id that is looked for costs the disk a file: so who has no
 * account key is held to the public rate limit in asking for runs that nobody here has met.
 * @throws InputError `run.unauthorised` (401), `run.not-found` (404), `http.too-many-requests` (429)
 */
export async function openRun(services: Services, request: Request, id: string): Promise<string> {
  const credential = await shownBy(services, request);
  const reader = await readerWith(services, credential);
  if (!credential.startsWith("ak_") && !isKnownRun(id)) {
    await limitPublic(services.env, request, "unknown-runs");
  }
  return assertReadable(services.env, id, reader);
}

/** @throws InputError `run.unauthorised` (401) for an unknown account key */
export async function readerWith(services: Services, credential: string): Promise<Reader> {
  if (!credential.startsWith("ak_")) {
    return async (workspaceId) =>
      (await workspaceStub(services.env, workspaceId).authenticate(credential)).ok;
  }
  const actor = await authenticateKey(services, credential);
  if (!actor) throw refused();
  return async (workspaceId) => {
    const own = and(eq(workspaces.id, workspaceId), eq(workspaces.accountId, actor.accountId));
    const row = await services.db
      .select({ id: workspaces.id })
      .from(workspaces)
      .where(and(own, isNull(workspaces.deletedAt)))
      .get();
    return row !== undefined;
  };
}

/**
 * The events of a run for as long as whoever reads them may: asked again before every piece, and a
 * silent stream has a piece every few seconds. Whoever lost their credential meanwhile sees it end.
 */
export function whileAllowed(events: Response, isAllowed: () => Promise<boolean>): Response {
  const guard = new TransformStream<Uint8Array, Uint8Array>({
    async transform(piece, controller) {
      if (await stillSo(isAllowed)) controller.enqueue(piece);
      else controller.terminate();
    },
  });
  return new Response(events.body?.pipeThrough(guard), events);
}

/** An account key that is no more is refused rather than denied. */
async function stillSo(isAllowed: () => Promise<boolean>): Promise<boolean> {
  try {
    return await isAllowed();
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

function refused(): InputError {
  return new InputError("run.unauthorised", "Reading a run needs a credential.", {
    status: 401,
    fix: "Send `Authorization: Bearer` with an account key or a workspace token.",
  });
}
