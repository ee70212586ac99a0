import { exports } from "cloudflare:workers";
import type {
  OAuthClientProvider,
  OAuthDiscoveryState,
  StoredOAuthTokens,
} from "@modelcontextprotocol/client";

const base = "https://aerostack.test";

/** Over the wire to the Worker under test. */
export const wire = (input: RequestInfo | URL, init?: RequestInit): Promise<Response> =>
  exports.default.fetch(new Request(input, init));

/** What an MCP client remembers; the person's part is played by `signIn`. */
export class ClientMemory implements OAuthClientProvider {
  readonly redirectUrl = "http://127.0.0.1:33418/callback";
  readonly clientMetadata = {
    client_name: "Test client",
    redirect_uris: [this.redirectUrl],
    token_endpoint_auth_method: "none",
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
  };
  authorizationUrl: URL | undefined;
  kept: StoredOAuthTokens | undefined;
  #client: Awaited<ReturnType<OAuthClientProvider["clientInformation"]>>;
  #verifier = "";

  state = () => "state-of-the-client";
  clientInformation = () => this.#client;
  saveClientInformation(client: typeof this.clientInformation extends () => infer C ? C : never) {
    this.#client = client;
  }
  tokens = () => this.kept;
  saveTokens(tokens: StoredOAuthTokens): void {
    this.kept = tokens;
  }
  redirectToAuthorization(url: URL): void {
    this.authorizationUrl = url;
  }
  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }
  codeVerifier = () => this.#verifier;
  #discovery: OAuthDiscoveryState | undefined;
  saveDiscoveryState(state: OAuthDiscoveryState): void {
    this.#discovery = state;
  }
  discoveryState = () => this.#discovery;
  invalidateCredentials(): void {
    this.kept = undefined;
  }
}

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
