import type {
  OAuthClientProvider,
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from "@modelcontextprotocol/client";

/** Below the public base URL: where authorization servers send people back to. */
export const callbackPath = "/oauth/callback";
/** Below the public base URL: what we tell authorization servers about ourselves. */
export const clientPath = "/oauth/client.json";

/** The gateway as a client of other authorization servers. */
export function clientMetadata(base: string) {
  return {
    client_name: "Aerostack",
    client_uri: base,
    redirect_uris: [`${base}${callbackPath}`],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
  };
}

/** One sign-in under way: from the person's click to the answer of the authorization server. */
export interface Pending {
  readonly alias: string;
  /** Empty: for the whole workspace. */
  readonly member: string;
  /** Public base URL. */
  readonly base: string;
  readonly state: string;
  readonly scope?: string;
  /** Milliseconds since 1970. */
  readonly until: number;
  /** Hash of what the person's browser keeps. */
  readonly browser: string;
  verifier?: string;
  discovery?: OAuthDiscoveryState;
  client?: StoredOAuthClientInformation;
  authorizationUrl?: string;
  tokens?: StoredOAuthTokens;
}

/**
 * A sign-in as the SDK's `auth` wants to see it: it reads and writes the pending record. `registered`
 * answers the client that somebody registered by hand at the server that was found.
 */
export function providerOf(
  pending: Pending,
  registered?: (authorizationServer: string) => Promise<StoredOAuthClientInformation>,
): OAuthClientProvider {
  const { base } = pending;
  return {
    redirectUrl: `${base}${callbackPath}`,
    clientMetadata: clientMetadata(base),
    ...(base.startsWith("https:") ? { clientMetadataUrl: `${base}${clientPath}` } : {}),
    state: () => pending.state,
    clientInformation: async () => {
      if (!pending.client && registered && pending.discovery) {
        pending.client = await registered(pending.discovery.authorizationServerUrl);
      }
      return pending.client;
    },
    saveClientInformation: (client) => {
      pending.client = client;
    },
    tokens: () => undefined,
    saveTokens: (tokens) => {
      pending.tokens = tokens;
    },
    redirectToAuthorization: (url) => {
      pending.authorizationUrl = url.href;
    },
    saveCodeVerifier: (verifier) => {
      pending.verifier = verifier;
    },
    codeVerifier: () => pending.verifier ?? "",
    saveDiscoveryState: (discovery) => {
      pending.discovery = discovery;
    },
    discoveryState: () => pending.discovery,
  };
}
