import { env, exports } from "cloudflare:workers";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { drizzle } from "drizzle-orm/d1";
import { accountKeys, accounts } from "#edge/db/tables/accounts";
import type { Env } from "#edge/env";
import { createCredential, hashCredential } from "#edge/identity/credential";
import { createId } from "#edge/id";

export const origin = "https://aerostack.test";

/** The Worker at its public edge. */
export const request = (path: string, init?: RequestInit): Promise<Response> =>
  exports.default.fetch(new Request(`${origin}${path}`, init));

/** An account with a key, as the operator would make it. */
export async function seedAccount(name: string, operator = false): Promise<string> {
  const db = drizzle((env as unknown as Env).DB);
  const key = createCredential("ak_");
  const id = createId("acc", Date.now());
  const createdAt = Date.now();
  await db.insert(accounts).values({ id, name, operator, createdAt });
  const hash = await hashCredential(key);
  await db
    .insert(accountKeys)
    .values({ id: createId("key", createdAt), accountId: id, hash, createdAt });
  return key;
}

/** One JSON-RPC call without a client, in the wire form of either protocol era. */
export async function rpc(
  key: string | undefined,
  method: string,
  params: Record<string, unknown> = {},
  path = "/mcp",
): Promise<Response> {
  return request(path, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      "MCP-Protocol-Version": "2025-11-25",
      ...(key ? { Authorization: `Bearer ${key}` } : {}),
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
}

export interface Answer {
  readonly isError: boolean;
  readonly text: string;
  readonly data: Record<string, unknown>;
}

/** A connected client of the 2.x SDK, over the wire; `legacy` speaks the initialize era. */
export async function connect(
  key: string,
  mode: "legacy" | "auto" = "auto",
  path = "/mcp",
): Promise<{
  client: Client;
  readonly call: (name: string, input?: Record<string, unknown>) => Promise<Answer>;
}> {
  const client = new Client({ name: "test", version: "1.0.0" }, { versionNegotiation: { mode } });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${origin}${path}`), {
      requestInit: { headers: { Authorization: `Bearer ${key}` } },
      fetch: (url, init) => exports.default.fetch(new Request(url, init)),
    }),
  );
  return {
    client,
    async call(name, input = {}) {
      const result = await client.callTool({ name, arguments: input });
      const text = result.content.map((one) => (one.type === "text" ? one.text : "")).join("\n");
      return {
        isError: result.isError === true,
        text,
        data: (result.structuredContent ?? {}) as Record<string, unknown>,
      };
    },
  };
}
