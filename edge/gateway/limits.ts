import { InputError } from "#blueprints/error";

/** Bytes of a request body at `/ws/:slug`. */
const maximumBodyBytes = 4 * 1024 * 1024;
/** Nesting of arrays and objects in a request. */
const maximumDepth = 128;
/** Milliseconds for one tool call at an upstream. */
export const callTimeoutMs = 60_000;
/** Milliseconds for connecting and listing. */
export const listTimeoutMs = 10_000;

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
