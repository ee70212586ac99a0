import { extractWWWAuthenticateParams } from "@modelcontextprotocol/client";
import type { McpLink } from "#edge/gateway/workspace-api";
import type { LinkPorts } from "./link-target.ts";

/**
 * Sends with the access token of a person's sign-in: once more with a new one where it is refused.
 * Throws NotConnectedError where a person has to sign in, or to allow more, first.
 */
export async function sendSignedIn(
  link: McpLink,
  { connections, member }: Pick<LinkPorts, "connections" | "member">,
  headers: Headers,
  post: () => Promise<Response>,
): Promise<Response> {
  const token = await connections.token(link, member);
  headers.set("Authorization", `Bearer ${token}`);
  let response = await post();
  if (response.status === 401) {
    await response.body?.cancel();
    headers.set("Authorization", `Bearer ${await connections.token(link, member, token)}`);
    response = await post();
  }
  if (response.status !== 401 && response.status !== 403) return response;
  const { error, scope } = extractWWWAuthenticateParams(response);
  const isStepUp = response.status === 403 && error === "insufficient_scope";
  if (response.status === 403 && !isStepUp) return response;
  await response.body?.cancel();
  throw await connections.notConnected(link, member, isStepUp ? scope : undefined);
}
