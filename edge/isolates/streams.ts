import { Buffer } from "node:buffer";
import { UpstreamError } from "#blueprints/error";

/**
 * A whole body, or "too-large"; undefined where there is none. What is only somewhat too large is
 * read to its end, because a sender that is cut off while sending never hears why.
 */
export async function readBytes(
  body: ReadableStream<Uint8Array> | null,
  limit: number,
): Promise<Uint8Array<ArrayBuffer> | "too-large" | undefined> {
  if (!body) return undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > 4 * limit) return "too-large";
    if (size <= limit) chunks.push(chunk);
  }
  if (size > limit) return "too-large";
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}

/** Breaks off with `egress.response-too-large` once `limit` bytes have passed. */
export function limitBytes(
  body: ReadableStream<Uint8Array>,
  limit: number,
): ReadableStream<Uint8Array> {
  let size = 0;
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        size += chunk.byteLength;
        if (size <= limit) return controller.enqueue(chunk);
        const message = `The answer is larger than ${limit} bytes.`;
        controller.error(new UpstreamError("egress.response-too-large", message));
      },
    }),
  );
}

function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

/**
 * Replaces `secrets` in any bytes as they stream; one that falls on the border of two chunks too.
 * All other bytes pass as they are.
 */
export function redactStream(
  body: ReadableStream<Uint8Array>,
  values: readonly string[],
): ReadableStream<Uint8Array> {
  // One character a byte, so that what is not text survives.
  const secrets = values.map((value) => Buffer.from(value, "utf8").toString("latin1"));
  let held = "";
  const redact = (text: string) =>
    secrets.reduce((result, secret) => result.replaceAll(secret, "[redacted]"), text);
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        const text = redact(held + Buffer.from(chunk).toString("latin1"));
        const keep = unfinished(text, secrets);
        held = text.slice(text.length - keep);
        if (text.length > keep) {
          controller.enqueue(bytes(text.slice(0, text.length - keep)));
        }
      },
      flush(controller) {
        if (held !== "") controller.enqueue(bytes(held));
      },
    }),
  );
}

/** Length of the longest end of `text` with which one of the secrets begins. */
function unfinished(text: string, secrets: readonly string[]): number {
  let longest = 0;
  for (const secret of secrets) {
    for (let size = Math.min(secret.length - 1, text.length); size > longest; size--) {
      if (text.endsWith(secret.slice(0, size))) longest = size;
    }
  }
  return longest;
}
