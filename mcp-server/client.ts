/** A program that speaks MCP and how it is told about a server: one file in `mcp-server/clients/`. */
export interface ClientDefinition {
  /** As `client_config` takes it. */
  readonly name: string;
  readonly title: string;
  /** Where the configuration goes. */
  readonly file: string;
  readonly format: "json" | "toml" | "yaml";
  /** The exact text of the file; the credential is a placeholder that the client fills in. */
  config(server: ServerAddress): string;
  /** A command that does the same. */
  command?(server: ServerAddress): string;
  /** A link that opens the client with the server filled in; never holds a credential. */
  installLink?(server: ServerAddress): string;
  /** The same as a web address, for places that let no other scheme through (GitHub, chat, mail). */
  webInstallLink?(server: ServerAddress): string;
  /** What the person must know. */
  readonly notes?: readonly string[];
}

export interface ServerAddress {
  /** The server's name in the client. */
  readonly name: string;
  readonly url: string;
  /** Environment variable that holds the key or token. */
  readonly variable: string;
}

/** Identity; checks the type. */
export function defineClient(definition: ClientDefinition): ClientDefinition {
  return definition;
}

/** Stands where the token goes in the file of a client that reads no variable there. */
export const pastedCredential = "Bearer <paste the key or token here>";

/** Two-space JSON, as these files are written by hand. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
