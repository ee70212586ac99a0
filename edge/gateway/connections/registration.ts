import type {
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
} from "@modelcontextprotocol/client";

/** What it takes to refresh: who issued the tokens, and who we are there; secrets left out. */
export interface Registration {
  readonly discovery: OAuthDiscoveryState;
  readonly client: StoredOAuthClientInformation;
}
