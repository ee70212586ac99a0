import { extractWWWAuthenticateParams } from "@modelcontextprotocol/client";
import { eraHeaders, withEnvelope } from "#edge/gateway/upstream/era";

type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * What a server that wants a sign-in says about it to who comes without one: where its metadata is,
 * and the scope it wants first. Empty where it says nothing; discovery has well-known places then.
 * https://datatracker.ietf.org/doc/html/rfc9728#section-5.1
 */
export async function askWithoutToken(
  url: string,
  fetchFn: Fetch,
): Promise<{ resourceMetadataUrl?: URL; scope?: string }> {
  const method = "server/discover";
  const params = withEnvelope({}, {});
  const headers = eraHeaders({ kind: "modern", capabilities: {} }, method, params);
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const response = await fetchFn(url, { method: "POST", headers, body }).catch(() => undefined);
  if (response?.status !== 401) return {};
  const { resourceMetadataUrl, scope } = extractWWWAuthenticateParams(response);
  return {
    ...(resourceMetadataUrl ? { resourceMetadataUrl } : {}),
    ...(scope ? { scope } : {}),
  };
}
