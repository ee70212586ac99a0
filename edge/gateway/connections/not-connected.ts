import { ConfigurationError } from "#blueprints/error";

/** A person has to sign in at the server behind a link first; `url` is where. */
export class NotConnectedError extends ConfigurationError {
  readonly url: string | undefined;

  constructor(message: string, url: string | undefined) {
    super("mcp.not-connected", message, {
      fix: url
        ? `Ask the person to open ${url} and connect it, then call again.`
        : "Call it as a member of the workspace: each member connects it for themselves.",
    });
    this.url = url;
  }
}
