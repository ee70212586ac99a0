export interface ClaudeCodeServer {
  /** Of the server in the client's configuration. */
  readonly name: string;
  readonly url: string;
  /** As it stands in double quotes of a shell line: the text itself, `$VARIABLE` or `$(cat FILE)`. */
  readonly credential: string;
}

/**
 * The shell line that adds a server to Claude Code. `--header` comes last: it takes every word that
 * follows it, so that a name after it would be read as one more header.
 */
export function claudeCodeLine({ name, url, credential }: ClaudeCodeServer): string {
  return `claude mcp add --transport http ${name} ${url} --header "Authorization: Bearer ${credential}"`;
}
