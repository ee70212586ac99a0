import { InputError, UpstreamError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import type { Env } from "#edge/env";
import { tellingParts } from "#edge/gateway/secrets/telling-parts";
import { workspaceStub } from "#edge/gateway/stub";
import { assertReachable, isOpened, privateAddress } from "#edge/isolates/address";
import { handlesIn, replaceHandles, wholeUrlHandle } from "#edge/isolates/handles";
import type { IsolateGrant, Stub } from "#edge/isolates/isolate";
import { assertAllowed, assertGranted, stubFor } from "#edge/isolates/policy";
import { signatureHeaders, signingHeader } from "#edge/isolates/signatures";
import { setSecretHeader } from "#edge/isolates/secret-header";
import { limitBytes, readBytes, redactStream } from "#edge/isolates/streams";
import { answerToolCall, isToolCall } from "#edge/isolates/tool-calls";

const egressLimits = {
  requestBytes: 10_000_000,
  responseBytes: 20_000_000,
  /** Milliseconds until the answer's headers, all redirects together. */
  timeMs: 30_000,
  redirects: 5,
};

/** One request on its way out, with the secrets that were put into it. */
interface Outgoing {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer> | undefined;
  readonly released: readonly string[];
}

/**
 * The only way out, for isolates and for nodes: allowed hosts only, handles swapped for values on
 * the last step, redirects judged hop by hop, size and time limited. In a test nothing leaves.
 * @throws InputError `egress.*` for what may not leave; UpstreamError `egress.unreachable`,
 * `egress.time-limit`, `egress.too-many-redirects`
 */
export async function egressFetch(
  env: Env,
  grant: IsolateGrant,
  request: Request,
  stubs: readonly Stub[] = [],
): Promise<Response> {
  if (isToolCall(grant, request.url)) return answerToolCall(env, grant, request);
  assertAllowed(request.url, grant, env);
  if (grant.mode === "test") return stubFor(request.url, grant, stubs);
  const timeLimit = AbortSignal.timeout(egressLimits.timeMs);
  const signal = AbortSignal.any([request.signal, timeLimit]);
  let outgoing = await prepare(env, grant, request);
  for (let hop = 0; hop <= egressLimits.redirects; hop++) {
    const response = await send(env, outgoing, signal, timeLimit);
    const next = redirectTarget(outgoing, response);
    if (!next) return clean(env, grant, outgoing, response);
    await response.body?.cancel();
    if (new URL(next).origin === new URL(outgoing.url).origin) assertReachable(next, env);
    else assertAllowed(next, grant, env);
    outgoing = follow(outgoing, next, response.status);
  }
  throw new UpstreamError(
    "egress.too-many-redirects",
    `${new URL(request.url).host} redirects without end.`,
  );
}

/** Swaps the handles for values; a secret leaves only towards the hosts it is bound to. */
async function prepare(env: Env, grant: IsolateGrant, request: Request): Promise<Outgoing> {
  const body = await readBytes(request.body, egressLimits.requestBytes);
  if (body === "too-large") {
    throw new InputError(
      "egress.request-too-large",
      `The request body is larger than ${egressLimits.requestBytes} bytes.`,
      { status: 413, fix: "Send less, or in parts." },
    );
  }
  const headers = new Headers(request.headers);
  for (const name of droppedHeaders) headers.delete(name);
  const draft = { method: request.method, headers, body };
  const workspace = workspaceStub(env, grant.workspaceId);
  const { handleTag } = grant;
  const whole = wholeUrlHandle(request.url, handleTag);
  if (whole !== undefined) {
    const url = unwrap(await workspace.releaseUrl(whole));
    return { ...draft, url: assertReachable(url, env).href, released: tellingParts(url) };
  }
  const wish = headers.get(signingHeader);
  headers.delete(signingHeader);
  const handles = (text: string) => handlesIn(text, handleTag);
  const swap = (text: string) => replaceHandles(text, handleTag, value);
  const names = new Set([request.url, wish ?? "", ...headers.values()].flatMap(handles));
  if (names.size === 0 && wish === null) return { ...draft, url: request.url, released: [] };
  for (const name of names) assertGranted(name, grant);
  const { host } = new URL(request.url);
  const values = unwrap(await workspace.releaseSecrets([...names], host));
  const value = (name: string) => values[name] ?? "";
  for (const [name, text] of Array.from(headers)) {
    if (handles(text).length > 0) setSecretHeader(headers, name, swap(text));
  }
  const url = replaceHandles(request.url, handleTag, (name) => inUrl(value(name)));
  if (new URL(url).host !== host) throw privateAddress(host);
  if (wish !== null) {
    const ready = { url, method: draft.method, body, now: Date.now() };
    const signed = signatureHeaders(wish, ready, swap);
    for (const [name, text] of Object.entries(signed)) setSecretHeader(headers, name, text);
  }
  return { ...draft, url, released: Object.values(values).flatMap((each) => [each, inUrl(each)]) };
}

/** Ours, the connection's, or words about who is calling that a stranger must not set. */
const droppedHeaders = [
  "host",
  "connection",
  "content-length",
  "cf-connecting-ip",
  "x-forwarded-for",
];

/** As it may stand in a path; `:` stays, some vendors want it literally. */
function inUrl(value: string): string {
  return encodeURIComponent(value).replaceAll("%3A", ":");
}

async function send(
  env: Env,
  outgoing: Outgoing,
  signal: AbortSignal,
  timeLimit: AbortSignal,
): Promise<Response> {
  const url = new URL(outgoing.url);
  // A public name may resolve to a private address: this network refuses that, where it is bound.
  const network = isOpened(url, env) ? globalThis : (env.PUBLIC_NETWORK ?? globalThis);
  const { method, headers, body } = outgoing;
  try {
    const init = { method, headers, redirect: "manual" as const, signal };
    return await network.fetch(outgoing.url, body ? { ...init, body } : init);
  } catch (error) {
    if (timeLimit.aborted) {
      const seconds = egressLimits.timeMs / 1000;
      throw new UpstreamError(
        "egress.time-limit",
        `${url.host} did not answer within ${seconds} s.`,
        {
          cause: error,
          retryAfterMs: 1000,
        },
      );
    }
    throw new UpstreamError("egress.unreachable", `${url.host} could not be reached.`, {
      fix: "Check that the host is up and its name is right; private addresses are never reached.",
      cause: error,
      retryAfterMs: 1000,
    });
  }
}

function redirectTarget(outgoing: Outgoing, response: Response): string | undefined {
  const location = response.headers.get("location");
  if (!location || ![301, 302, 303, 307, 308].includes(response.status)) return undefined;
  return URL.canParse(location, outgoing.url) ? new URL(location, outgoing.url).href : undefined;
}

/**
 * The next hop: another origin gets no credentials, and a body only where the status says so (a
 * body holds none: handles are swapped in headers and URLs alone).
 */
function follow(outgoing: Outgoing, url: string, status: number): Outgoing {
  const headers = new Headers(outgoing.headers);
  const keepsBody = status === 307 || status === 308 || /^(GET|HEAD)$/.test(outgoing.method);
  if (!keepsBody) headers.delete("content-type");
  if (new URL(url).origin !== new URL(outgoing.url).origin) {
    for (const [name, text] of Array.from(headers)) {
      const secret = outgoing.released.some((value) => value !== "" && text.includes(value));
      if (secret || /^(authorization|cookie|proxy-authorization)$/.test(name)) headers.delete(name);
    }
  }
  const rest = keepsBody
    ? { method: outgoing.method, body: outgoing.body }
    : { method: "GET", body: undefined };
  return { ...outgoing, ...rest, url, headers };
}

/** The answer as the code may see it: bounded, and without the secrets that the request carried. */
async function clean(
  env: Env,
  grant: IsolateGrant,
  outgoing: Outgoing,
  response: Response,
): Promise<Response> {
  const headers = new Headers(response.headers);
  headers.delete("aerostack-egress");
  const init = { status: response.status, statusText: response.statusText, headers };
  if (!response.body) return new Response(null, init);
  const limited = limitBytes(response.body, egressLimits.responseBytes);
  const secrets = outgoing.released.filter((value) => value !== "");
  if (secrets.length === 0) return new Response(limited, init);
  for (const [name, text] of Array.from(headers)) {
    if (secrets.some((value) => text.includes(value))) headers.set(name, "[redacted]");
  }
  headers.delete("content-length");
  const type = headers.get("content-type") ?? "text/plain";
  // Whatever the type claims, the values themselves do not come back.
  const isWhole = /text|json|xml|urlencoded|javascript/i.test(type) && !/event-stream/i.test(type);
  if (!isWhole) return new Response(redactStream(limited, secrets), init);
  const text = await new Response(redactStream(limited, secrets)).text();
  // The workspace knows more than this request's values, but large texts are not worth its time.
  if (text.length > 200_000) return new Response(text, init);
  return new Response(unwrap(await workspaceStub(env, grant.workspaceId).redact(text)), init);
}
