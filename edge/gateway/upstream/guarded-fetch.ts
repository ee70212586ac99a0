import { UpstreamError } from "#blueprints/error";
import type { Env } from "#edge/env";
import { assertReachable, isOpened } from "#edge/isolates/address";

/** Bytes; metadata and token answers are far smaller. */
const maximumBytes = 256_000;
const timeoutMs = 10_000;

/**
 * A `fetch` for addresses that somebody else's document named: public ones only, as the operator
 * decided, no redirects, small answers, soon. Throws `egress.*` and `oauth.redirect`, `oauth.size`.
 */
export function guardedFetch(
  env: Env,
): (url: string | URL, init?: RequestInit) => Promise<Response> {
  return async (url, init) => {
    const isOpen = isOpened(assertReachable(url, env), env);
    const network = (isOpen ? env.OPENED_NETWORK : env.PUBLIC_NETWORK) ?? globalThis;
    const response = await network.fetch(String(url), {
      ...init,
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (response.status >= 300 && response.status < 400) {
      throw refusal("oauth.redirect", "redirects, which is not followed");
    }
    const body = await readSome(response);
    const { status, headers } = response;
    return new Response(body.length > 0 ? body : null, { status, headers });
  };
}

async function readSome(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const read = await reader?.read();
    if (!read || read.done) break;
    bytes += read.value.byteLength;
    if (bytes > maximumBytes) {
      await reader?.cancel().catch(() => undefined);
      throw refusal("oauth.size", "answers more than 256 kB");
    }
    chunks.push(read.value);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function refusal(code: string, what: string): UpstreamError {
  return new UpstreamError(code, `The authorization server ${what}.`, {
    fix: "Tell whoever runs the MCP server; it cannot be connected like this.",
  });
}
