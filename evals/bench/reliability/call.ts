import { metaKeys, modernVersion } from "#edge/gateway/upstream/json-rpc";
import { manners } from "./manners.ts";
import type { Place } from "./places.ts";

/** One call, known to its end by a nonce: id of the request, name of the client, argument of the tool. */
export interface Call {
  readonly nonce: string;
  readonly place: Place;
  readonly tool: string;
  /** The `mcp` of its row: `-` for a tool that does not exist. */
  readonly mcp: string;
  /** How it may end. */
  readonly expected: readonly string[];
  readonly isModern: boolean;
}

/** Every so many calls one asks for a tool that does not exist. */
const madeUpEvery = 40;

/** All workspaces, all upstreams and both eras in turn. */
export function callAt(index: number, places: readonly Place[]): Call {
  const place = places[index % places.length]!;
  const round = Math.floor(index / places.length);
  const upstream = round % place.manners.length;
  const isModern = Math.floor(round / place.manners.length) % 2 === 1;
  const common = { nonce: `nonce-${index}`, place, isModern };
  if (index % madeUpEvery === madeUpEvery - 1) {
    return { ...common, mcp: "-", tool: "nobody__made-this", expected: ["tool.unknown"] };
  }
  const mcp = `m${upstream}`;
  return { ...common, mcp, tool: `${mcp}__echo`, expected: manners[place.manners[upstream]!] };
}

export function headersOf({ nonce, place, tool, isModern }: Call): Record<string, string> {
  const modern = {
    "MCP-Protocol-Version": modernVersion,
    "Mcp-Method": "tools/call",
    "Mcp-Name": tool,
  };
  return {
    "Content-Type": "application/json",
    Accept: "application/json, text/event-stream",
    Authorization: `Bearer ${place.token}`,
    "User-Agent": nonce,
    ...(isModern ? modern : {}),
  };
}

export function bodyOf({ nonce, tool, isModern }: Call): string {
  const meta = {
    [metaKeys.protocolVersion]: modernVersion,
    [metaKeys.clientInfo]: { name: nonce, version: "1" },
    [metaKeys.clientCapabilities]: {},
  };
  const params = {
    name: tool,
    arguments: { message: nonce },
    ...(isModern ? { _meta: meta } : {}),
  };
  return JSON.stringify({ jsonrpc: "2.0", id: nonce, method: "tools/call", params });
}

interface Message {
  readonly id?: unknown;
  readonly result?: {
    readonly content?: readonly { readonly text?: string }[];
    readonly isError?: boolean;
    readonly _meta?: Record<string, { readonly code?: string } | undefined>;
  };
  readonly error?: { readonly code: number };
}

/** The answers to this call in what came back: how each of them says that it ended. */
export function answersIn(text: string, { nonce }: Call): string[] {
  return messagesIn(text)
    .filter((message) => message.id === nonce && (message.result ?? message.error))
    .map(({ result, error }) => {
      if (error) return error.code === -32602 ? "tool.unknown" : `rpc.${error.code}`;
      if (result?.isError) return result["_meta"]?.["dev.aerostack/error"]?.code ?? "tool-error";
      return result?.content?.[0]?.text === nonce ? "ok" : "of another call";
    });
}

/** JSON, or an event stream of it. */
function messagesIn(text: string): Message[] {
  const streamed = [...text.matchAll(/^data: (\{.*\})$/gm)].map((match) => match[1] ?? "");
  try {
    return (streamed.length > 0 ? streamed : [text]).map((one) => JSON.parse(one) as Message);
  } catch {
    return [];
  }
}
