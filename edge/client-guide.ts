/** An MCP server as a client is told about it. */
export interface GuidedServer {
  /** The server's name in the client. */
  readonly name: string;
  readonly url: string;
  /** Environment variable that holds the key or token. */
  readonly variable: string;
}

/** How one client is told about one server. No part of it ever holds a credential. */
export interface ClientGuide {
  /** As `client_config` takes it. */
  readonly name: string;
  readonly title: string;
  /** Where `config` goes. */
  readonly file: string;
  readonly format: string;
  readonly config: string;
  /** A command that does the same. */
  readonly command?: string;
  /** Opens the client with the server filled in. */
  readonly installLink?: string;
  /** What the person must know. */
  readonly notes: readonly string[];
}

/** Every client that we know, in the order in which a person chooses. */
export type ClientGuides = (server: GuidedServer) => readonly ClientGuide[];
