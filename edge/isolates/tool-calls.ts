import { InputError, toWireError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import type { Env } from "#edge/env";
import { workspaceStub } from "#edge/gateway/stub";
import type { IsolateGrant } from "#edge/isolates/isolate";
import { readBytes } from "#edge/isolates/streams";

/** Where code of a `run_code` call sends its tool calls: no host at all, the egress answers itself. */
export const toolCallsUrl = "http://tools.invalid/";
const maximumBytes = 4 * 1024 * 1024;

/** Whether this request is a tool call of code whose grant names its run. */
export function isToolCall(grant: IsolateGrant, url: string): boolean {
  return grant.toolRun !== undefined && url === toolCallsUrl;
}

/** `{ value }`, or `{ error }` where the workspace refused or the tool failed. */
export async function answerToolCall(
  env: Env,
  grant: IsolateGrant,
  request: Request,
): Promise<Response> {
  try {
    const body = await readBytes(request.body, maximumBytes);
    const text = body === "too-large" || !body ? "" : new TextDecoder().decode(body);
    assertJson(text);
    const stub = workspaceStub(env, grant.workspaceId);
    const json = unwrap(await stub.answerCode(grant.toolRun ?? "", text));
    return new Response(`{"value":${json}}`, { headers: { "content-type": "application/json" } });
  } catch (error) {
    return Response.json({ error: toWireError(error) });
  }
}

/** Code may send here what it likes; only JSON of a sane size goes on. */
function assertJson(text: string): void {
  try {
    JSON.parse(text);
  } catch (error) {
    throw new InputError("code.bad-tool-call", "This is no tool call.", {
      fix: "Call tools on `tools`, with at most 4 MB of arguments.",
      cause: error,
    });
  }
}
