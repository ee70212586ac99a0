import type {
  OAuthClientProvider,
  OAuthDiscoveryState,
  StoredOAuthTokens,
} from "@modelcontextprotocol/client";

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
