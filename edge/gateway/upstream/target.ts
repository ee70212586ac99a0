const defaultAnswerBytes = 10_000_000;

/** Where an MCP server is and how a request gets there: over the network or into an isolate. */
export interface Target {
  readonly url: string;
  /** Bytes of one answer, all events of a stream together; 10 MB where nothing is said. */
  readonly answerBytes?: number;
  /** Sends one request; never follows a redirect, adds the credential itself. */
  send(request: TargetRequest): Promise<Response>;
}

export interface TargetRequest {
  readonly headers: Record<string, string>;
  /** POST where nothing is said. */
  readonly method?: "POST" | "GET" | "DELETE";
  /** Another address of the same origin, as HTTP+SSE servers name one; `url` where nothing is said. */
  readonly url?: string;
  readonly body?: string;
  readonly signal: AbortSignal;
}

export function answerBytesOf({ answerBytes = defaultAnswerBytes }: Target): number {
  return answerBytes;
}
