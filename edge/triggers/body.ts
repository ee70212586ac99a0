import { parseJson as parse, readRaw as read } from "#edge/json-body";

/** Bytes of a request body. */
const maximumBytes = 10_000_000;

/** The raw body. @throws InputError `http.body-too-large` (413) */
export function readRaw(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  return read(request, maximumBytes);
}

/** The body as JSON; an empty one is `{}`. @throws InputError `http.bad-json`, `http.too-deep` */
export function parseJson(bytes: Uint8Array): unknown {
  return bytes.byteLength === 0 ? {} : parse(bytes);
}
