import { InputError } from "#blueprints/error";

/** Bytes of a request body at `/ws/:slug`. */
const maximumBodyBytes = 4 * 1024 * 1024;
/** Nesting of arrays and objects in a request. */
const maximumDepth = 128;
/** Milliseconds for one tool call at an upstream. */
export const callTimeoutMs = 60_000;
/** Milliseconds for connecting and listing. */
export const listTimeoutMs = 10_000;

/**
 * Runs `work` with a signal that aborts after this long, or with `outer`. `waitFor` stops the clock
 * for what is not the work's own time. The timer ends with the work: `AbortSignal.timeout` would
 * leave one behind for every call.
 */
export async function withDeadline<T>(
  timeoutMs: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal, waitFor: <W>(other: Promise<W>) => Promise<W>) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  const end = () => abort.abort(new DOMException("The time is over.", "TimeoutError"));
  let timer = setTimeout(end, timeoutMs);
  let waits = 0;
  const waitFor = async <W>(other: Promise<W>): Promise<W> => {
    if (waits++ === 0) clearTimeout(timer);
    try {
      return await other;
    } finally {
      if (--waits === 0 && !isOver) timer = setTimeout(end, timeoutMs);
    }
  };
  let isOver = false;
  const cancel = () => abort.abort(outer?.reason);
  outer?.addEventListener("abort", cancel);
  try {
    return await work(abort.signal, waitFor);
  } finally {
    isOver = true;
    clearTimeout(timer);
    outer?.removeEventListener("abort", cancel);
  }
}

/** The body as text; throws `http.body-too-large` (413) without reading more than the limit. */
export async function readBody(request: Request): Promise<string> {
  const declared = Number(request.headers.get("content-length") ?? Number.NaN);
  if (declared > maximumBodyBytes) throw tooLarge();
  if (declared <= maximumBodyBytes) return request.text();
  const reader = request.body?.getReader();
  if (!reader) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text;
    bytes += value.byteLength;
    if (bytes > maximumBodyBytes) {
      await reader.cancel().catch(() => undefined);
      throw tooLarge();
    }
    text += decoder.decode(value, { stream: true });
  }
}

function tooLarge(): InputError {
  return new InputError("http.body-too-large", "The request body is over 4 MiB.", {
    status: 413,
    fix: "Send less at once.",
  });
}

/** Whether JSON text nests deeper than we are ready to walk; one pass, before it is parsed. */
export function isTooDeep(json: string): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < json.length; index++) {
    const code = json.charCodeAt(index);
    if (inString) {
      if (code === 0x5c) index++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x5b || code === 0x7b) {
      if (++depth > maximumDepth) return true;
    } else if (code === 0x5d || code === 0x7d) depth--;
  }
  return false;
}
