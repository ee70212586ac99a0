import { toWireError } from "#blueprints/error";
import { deserializeError, type SerializedError } from "#blueprints/outcome";
import { isForPrograms } from "./programs/serve.ts";

/** A refusal at the door, in the words of whoever knocked: JSON-RPC, or the platform's own for programs. */
export function refuse(url: string, error: SerializedError): Response {
  const { status, code, message, fix } = error;
  const headers: HeadersInit = status === 401 ? { "www-authenticate": "Bearer" } : {};
  if (isForPrograms(url)) {
    const wire = toWireError(deserializeError(error));
    return Response.json({ error: wire }, { status, headers });
  }
  const body = { jsonrpc: "2.0", id: null, error: { code: -32001, message, data: { code, fix } } };
  return Response.json(body, { status, headers });
}
