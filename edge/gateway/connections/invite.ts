import { drizzle } from "drizzle-orm/d1";
import type { Env } from "#edge/env";
import type { WorkspaceIdentity } from "#edge/gateway/workspace-api";
import { createTicket } from "#edge/identity/tickets";
import type { Holder } from "./store.ts";

interface InvitePlace {
  readonly env: Env;
  readonly now: () => number;
  readonly identity: () => WorkspaceIdentity;
}

/** Makes the page where a person connects a link; see `edge/pages/connect.tsx`. */
export function inviteWith({ env, now, identity }: InvitePlace) {
  return async (holder: Holder, scope: string | undefined, baseUrl: string): Promise<string> => {
    const { id: workspaceId, accountId } = identity();
    const { alias, member } = holder;
    const db = drizzle(env.DB);
    const { url } = await createTicket(
      { env, db, baseUrl, now, waitUntil: () => undefined },
      {
        purpose: "connect",
        accountId,
        workspaceId,
        payload: { alias, member, ...(scope ? { scope } : {}) },
      },
    );
    return url;
  };
}
