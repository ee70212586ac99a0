import type { Context } from "hono";
import { AerostackError, InputError, toWireError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import type { Env } from "#edge/env";
import { workspaceStub } from "#edge/gateway/directory";
import { limitPublic } from "#edge/limit";
import { browserOf } from "#edge/oauth/browser-cookie";
import { done } from "./done.tsx";
import { failed } from "./gone.tsx";
import { answer } from "./layout.tsx";

/** Where an authorization server sends a person back to, after they connected a link. */
export async function connected(context: Context<{ Bindings: Env }>): Promise<Response> {
  try {
    await limitPublic(context.env, context.req.raw, "oauth");
    return await finish(context);
  } catch (error) {
    if (!(error instanceof AerostackError) || error.kind === "bug") throw error;
    return answer(context, failed(toWireError(error)), error.status);
  }
}

async function finish(context: Context<{ Bindings: Env }>): Promise<Response> {
  const state = context.req.query("state") ?? "";
  const workspaceId = /^(wks_[0-9a-z]{10,40})\.[\w-]{43}$/i.exec(state)?.[1];
  const browser = browserOf(context.req.raw);
  if (!workspaceId || !browser) {
    throw new InputError("oauth.expired", "This sign-in has expired, or is another browser's.", {
      status: 410,
      fix: "Call the tool again: it answers with a new link.",
    });
  }
  const { code, iss, error } = context.req.query();
  const stub = workspaceStub(context.env, workspaceId);
  const { alias } = unwrap(
    await stub.finishConnection({
      state,
      browser,
      ...(code === undefined ? {} : { code }),
      ...(iss === undefined ? {} : { iss }),
      ...(error === undefined ? {} : { error }),
    }),
  );
  const view = done({
    title: "Connected",
    text: `${alias || "The server"} can be used from now on. Access is encrypted, and renewed by itself.`,
    next: "You can close this page and tell your agent to go on.",
    json: { state: "connected", alias },
  });
  return answer(context, view);
}
