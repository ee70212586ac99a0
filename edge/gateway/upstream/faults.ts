import { UpstreamError } from "#blueprints/error";
import type { Cancellation } from "#edge/cancel";

/** Transport faults, in the same words whatever the runtime calls them. */
export function faultOf(error: unknown, signal: Cancellation): UpstreamError {
  if (error instanceof UpstreamError) return error;
  return signal.aborted && !isTimeout(signal.reason) ? cancelled() : unreachable(error);
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === "TimeoutError";
}

/** The caller went away: that says nothing about the server. */
function cancelled(): UpstreamError {
  return new UpstreamError("mcp.cancelled", "The call was cancelled.", { status: 499 });
}

export function unreachable(cause: unknown): UpstreamError {
  if (isTimeout(cause)) {
    return new UpstreamError("mcp.timeout", "The MCP server did not answer in time.", {
      status: 504,
      retryAfterMs: 1000,
      cause,
      fix: "Try again, or ask for less at once.",
    });
  }
  return new UpstreamError("mcp.unreachable", "The MCP server cannot be reached.", {
    retryAfterMs: 1000,
    cause,
    fix: "Check that it runs and that the URL of the link is right.",
  });
}

export function malformed(what: string): UpstreamError {
  return new UpstreamError("mcp.malformed", `The MCP server sent ${what}.`, {
    fix: "Check that the URL of the link is an MCP endpoint.",
  });
}

/** Statuses that no other era would change; `final`: those that only a repetition might. */
export function refuseStatus(status: number, final: boolean): void {
  if (status === 401 || status === 403) {
    throw new UpstreamError("mcp.unauthorized", `The MCP server answered HTTP ${status}.`, {
      fix: "Check the secret of the link; request_secret gives a page to enter it anew.",
    });
  }
  if (status >= 300 && status < 400) {
    throw new UpstreamError("mcp.redirect", "The MCP server redirects, which is not followed.", {
      fix: "Link the address that it redirects to.",
    });
  }
  if (!final && status >= 500) {
    throw new UpstreamError("mcp.http-status", `The MCP server answered HTTP ${status}.`, {
      retryAfterMs: 1000,
      fix: "Try again when the server works.",
    });
  }
}

/** An HTTP status where an answer was due. */
export function statusFault(status: number): UpstreamError {
  refuseStatus(status, true);
  if (status === 429) {
    return new UpstreamError("mcp.rate-limited", "The MCP server answers HTTP 429.", {
      status: 429,
      retryAfterMs: 5000,
      fix: "Call it less often.",
    });
  }
  return new UpstreamError("mcp.http-status", `The MCP server answered HTTP ${status}.`, {
    fix: "Check that the URL of the link is an MCP endpoint.",
    ...(status >= 500 ? { retryAfterMs: 1000 } : {}),
  });
}
