import type { Env } from "#edge/env";
import type { WorkspaceApi } from "./workspace-api.ts";

/** The `Workspace` object from outside: its RPC, and `fetch` for MCP. */
export type WorkspaceStub = WorkspaceApi & { fetch(request: Request): Promise<Response> };

export function workspaceStub(env: Env, id: string): WorkspaceStub {
  const stub: unknown = env.WORKSPACE.getByName(id);
  // The generated stub type is too deep for the compiler; the object implements this very API.
  return stub as WorkspaceStub;
}
