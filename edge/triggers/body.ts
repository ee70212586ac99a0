import { InputError } from "#blueprints/error";
import { readBytes } from "#edge/isolates/streams";

/** Bytes of a request body. */
const maximumBodyBytes = 10_000_000;
/** Levels of arrays and objects. */
const maximumDepth = 100;

/** The raw body. @throws InputError `http.body-too-large` (413) */
export async function readRaw(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  const body =
    declared > 4 * maximumBodyBytes ? "too-large" : await readBytes(request.body, maximumBodyBytes);
  if (body !== "too-large") return body ?? new Uint8Array();
  throw new InputError(
    "http.body-too-large",
    `The body is larger than ${maximumBodyBytes} bytes.`,
    { status: 413, fix: "Store the data elsewhere and send a reference." },
  );
}

/** The body as JSON; an empty one is `{}`. @throws InputError `http.bad-json`, `http.too-deep` */
export function parseJson(bytes: Uint8Array): unknown {
  if (bytes.byteLength === 0) return {};
  const text = decode(bytes);
  if (depthOf(text) > maximumDepth) {
    throw new InputError("http.too-deep", `The body nests deeper than ${maximumDepth} levels.`, {
      fix: "Send flatter JSON.",
    });
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw notJson(cause);
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch (cause) {
    throw notJson(cause);
  }
}

function notJson(cause: unknown): InputError {
  return new InputError("http.bad-json", "The body is not JSON.", {
    fix: "Send one JSON value in UTF-8.",
    cause,
  });
}

/** Without parsing: a parser may run out of stack on what this refuses. */
function depthOf(text: string): number {
  let [depth, deepest, inString] = [0, 0, false];
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charCodeAt(index);
    if (inString) {
      if (character === 0x5c) index += 1;
      else if (character === 0x22) inString = false;
    } else if (character === 0x22) inString = true;
    else if (character === 0x5b || character === 0x7b) deepest = Math.max(deepest, ++depth);
    else if (character === 0x5d || character === 0x7d) depth -= 1;
  }
  return deepest;
}
