import { createHash } from "node:crypto";
import type { Tool } from "@modelcontextprotocol/client";

/** Keys in the order of their code units, no white space: equal values are equal texts (RFC 8785). */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, one]) => `${JSON.stringify(key)}:${canonicalJson(one)}`);
  return `{${entries.join(",")}}`;
}

/**
 * SHA-256 in hex over the whole definition: name, title, description, schemas, annotations, icons
 * and `_meta`, because a model or a client may go by any of them.
 */
export function fingerprint(tool: Tool): string {
  return createHash("sha256")
    .update(`aerostack.tool.v1\n${canonicalJson(tool)}`)
    .digest("hex");
}
