import { UpstreamError } from "#blueprints/error";

/** Text of an answer that still belongs into an error message. */
const quoted = 300;

/** Host of a URL that may hold templates; undefined when the host itself is one or cannot be read. */
export function hostOf(url: string): string | undefined {
  const match = /^https?:\/\/([^/?#]+)/i.exec(url);
  const host = match?.[1]?.toLowerCase();
  return host === undefined || /[{}@\s]/.test(host) ? undefined : host;
}

/** The body as JSON where it is JSON, else as text. */
export async function readBody(response: Response): Promise<unknown> {
  const text = await response.text();
  if (!/[/+]json\b/i.test(response.headers.get("content-type") ?? "")) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Milliseconds that `Retry-After` asks for, in seconds or as a date; undefined when absent. */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const value = headers.get("retry-after");
  if (value === null) return undefined;
  const seconds = Number(value);
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - now;
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}

/** Whether the same request may succeed later: rate limits, timeouts and failing servers. */
export function isTransient(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}

/** The error for an answer that was not the expected one; retryable where a later attempt may succeed. */
export function unexpectedAnswer(
  who: string,
  response: Response,
  body: unknown,
  now: number,
): UpstreamError {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const wait = retryAfterMs(response.headers, now) ?? 0;
  return new UpstreamError(
    response.status === 429 ? "http.rate-limited" : "http.unexpected-status",
    `${who} answered ${response.status}: ${(text ?? "").slice(0, quoted)}`,
    {
      fix: "Check the address, the credential and the body that this step sends.",
      ...(isTransient(response.status) ? { retryAfterMs: wait } : {}),
    },
  );
}
