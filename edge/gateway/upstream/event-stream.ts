import { createParser } from "eventsource-parser";
import { UpstreamError } from "#blueprints/error";

/** One server-sent event; `name` is "message" where the server gives none. */
export interface StreamEvent {
  readonly name: string;
  readonly data: string;
  /** Where to go on from after a break; empty: nowhere. */
  readonly id: string;
}

interface StreamLimits {
  /** Bytes of one event, or of the whole stream. */
  readonly bytes: number;
  readonly per: "event" | "stream";
  /** Milliseconds after which the server wants to be asked again. */
  readonly onRetry?: (retryMs: number) => void;
}

/**
 * Reads server-sent events until the body ends or `take` answers false; what is left is not read.
 * Throws `mcp.too-large` beyond the limit.
 */
export async function readEvents(
  response: Response,
  { bytes, per, onRetry }: StreamLimits,
  take: (event: StreamEvent) => boolean,
): Promise<void> {
  let isWanted = true;
  let held = 0;
  const fresh = () => {
    if (per === "event") held = 0;
  };
  const parser = createParser({
    onEvent({ event = "message", data, id = "" }) {
      fresh();
      if (isWanted) isWanted = take({ name: event, data, id });
    },
    ...(onRetry ? { onRetry } : {}),
    onComment: fresh,
  });
  const decoder = new TextDecoder();
  await readChunks(response, (chunk) => {
    held += chunk.byteLength;
    if (held > bytes) throw tooLarge(bytes);
    parser.feed(decoder.decode(chunk, { stream: true }));
    return isWanted;
  });
}

/** Until the body ends or `take` answers false or throws; what is left is not read. */
export async function readChunks(
  response: Response,
  take: (chunk: Uint8Array) => boolean,
): Promise<void> {
  const reader = response.body?.getReader();
  if (!reader) return;
  let isDone = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      isDone = done;
      if (done || !take(value)) return;
    }
  } finally {
    if (!isDone) await reader.cancel().catch(() => undefined);
  }
}

export function tooLarge(limit: number): UpstreamError {
  return new UpstreamError("mcp.too-large", `The MCP server's answer is over ${limit} bytes.`, {
    fix: "Ask for less at once, for example page by page.",
  });
}
