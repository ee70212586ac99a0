import { exports } from "cloudflare:workers";
import { auth } from "@modelcontextprotocol/client";
import { unwrap } from "#blueprints/outcome";
import { modern, modernHeaders, type Place } from "#edge/gateway/gateway.fixture";
import { ClientMemory } from "./client-memory.fixture.ts";

const base = "https://aerostack.test";

/** Over the wire to the Worker under test. */
export const wire = (input: RequestInfo | URL, init?: RequestInit): Promise<Response> =>
  exports.default.fetch(new Request(input, init));

const page = { Accept: "text/html", "Sec-Fetch-Site": "same-origin" };

export function post(url: URL | string, fields: Record<string, string>, cookie = "") {
  const headers = { ...page, ...(cookie ? { Cookie: cookie } : {}) };
  return wire(url, { method: "POST", headers, body: new URLSearchParams(fields) });
}

export interface ConsentPage {
  readonly html: string;
  readonly handle: string;
  readonly proof: string;
  readonly cookie: string;
}

/** The first half: whoever holds `credential` sees who asks. */
export async function signIn(url: URL, credential: string): Promise<ConsentPage> {
  const response = await post(url, { credential });
  const html = await response.text();
  const field = (name: string) =>
    new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? "";
  const cookie = response.headers
    .getSetCookie()
    .map((one) => one.split(";", 1)[0])
    .join("; ");
  return { html, handle: field("handle"), proof: field("proof"), cookie };
}

/** The second half; answers where the browser goes next. */
export async function decide(
  url: URL,
  shown: ConsentPage,
  fields: Record<string, string> = { decision: "allow" },
): Promise<URL> {
  const { handle, proof, cookie } = shown;
  const response = await post(url, { handle, proof, ...fields }, cookie);
  const next = /url=(.*)$/.exec(response.headers.get("Refresh") ?? "")?.[1];
  if (next === undefined) throw new Error(`${response.status}: ${await response.text()}`);
  return new URL(next);
}

export function atBase(path: string): URL {
  return new URL(path, base);
}

/** One MCP request with this access token. */
export function call(url: URL, token?: string): Promise<Response> {
  return wire(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...modernHeaders("tools/list"),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(modern("tools/list")),
  });
}

export const urlOf = (where: Place) => atBase(`/ws/${where.identity.slug}/oauth`);

/** A client of the modern SDK, let in by the holder of `credential`. */
export async function letIn(
  serverUrl: URL,
  credential: string,
  fields: Record<string, string> = {},
) {
  const memory = new ClientMemory();
  await auth(memory, { serverUrl, fetchFn: wire });
  const asked = memory.authorizationUrl!;
  const back = await decide(asked, await signIn(asked, credential), {
    decision: "allow",
    ...fields,
  });
  const code = back.searchParams.get("code")!;
  const iss = back.searchParams.get("iss")!;
  await auth(memory, { serverUrl, authorizationCode: code, iss, fetchFn: wire });
  return { memory, back, token: memory.kept!.access_token };
}

export const grantsOf = async (where: Place) =>
  unwrap(await where.stub.listTokens()).filter((one) => one.client !== undefined);
