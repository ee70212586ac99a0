import { InputError } from "#blueprints/error";

const maxBytes = 4 * 1024 * 1024;
const maxDepth = 100;

function tooLarge(): InputError {
  return new InputError("http.body-too-large", "The request body is larger than 4 MiB.", {
    fix: "Send less at once: code above 1 MB does not fit a blueprint.",
    status: 413,
  });
}

/** Reads at most 4 MiB, whatever Content-Length claims. */
async function readBounded(request: Request): Promise<string> {
  if (Number(request.headers.get("Content-Length") ?? 0) > maxBytes) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return new Blob(chunks).text();
}

/** Before parsing, because everything that walks the value later is recursive. */
function assertShallow(text: string): void {
  let depth = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index];
    if (quoted) {
      if (char === "\\") index += 1;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === "{" || char === "[") depth += 1;
    else if (char === "}" || char === "]") depth -= 1;
    if (depth > maxDepth) {
      throw new InputError("http.json-too-deep", `The JSON is nested deeper than ${maxDepth}.`, {
        fix: "Flatten the value.",
      });
    }
  }
}

/** The JSON body of a request; fails for one that is too large, too deep or not JSON. */
export async function readJsonBody(request: Request): Promise<unknown> {
  const text = await readBounded(request);
  assertShallow(text);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new InputError("http.malformed-json", "The request body is not JSON.", {
      fix: "Send one JSON-RPC message as application/json.",
      cause: error,
    });
  }
}
