import { InputError } from "#blueprints/error";
import { readBytes } from "#edge/isolates/streams";

/** Levels of arrays and objects. */
const maximumDepth = 100;

/**
 * The raw body of a request, whatever its Content-Length claims; `limit` in bytes.
 * @throws InputError `http.body-too-large` (413)
 */
export async function readRaw(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  // What is only somewhat too large is read, so that its sender hears why: `readBytes`.
  const body = declared > 4 * limit ? "too-large" : await read(request, { declared, limit });
  if (body !== "too-large") return body ?? new Uint8Array();
  throw new InputError("http.body-too-large", `The body is larger than ${limit} bytes.`, {
    status: 413,
    fix: "Store the data elsewhere and send a reference.",
  });
}

async function read(
  request: Request,
  { declared, limit }: { readonly declared: number; readonly limit: number },
): Promise<Uint8Array<ArrayBuffer> | "too-large" | undefined> {
  if (!(declared > 0 && declared <= limit)) return readBytes(request.body, limit);
  // Small and framed by its length: at once, which costs a third of reading it in pieces.
  const whole = new Uint8Array(await request.arrayBuffer());
  return whole.byteLength > limit ? "too-large" : whole;
}

/** Bytes as JSON. @throws InputError `http.bad-json`, `http.too-deep` */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
    assertShallow(text);
    return JSON.parse(text) as unknown;
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError("http.bad-json", "The body is not JSON.", {
      fix: "Send one JSON value in UTF-8.",
      cause,
    });
  }
}

/** Before parsing: a parser, and everything that walks the value later, may run out of stack. */
function assertShallow(text: string): void {
  let [depth, inString] = [0, false];
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (inString) {
      if (character === "\\") index += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") depth -= 1;
    if (depth > maximumDepth) {
      throw new InputError("http.too-deep", `The body nests deeper than ${maximumDepth} levels.`, {
        fix: "Send flatter JSON.",
      });
    }
  }
}
