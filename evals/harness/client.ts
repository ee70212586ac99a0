import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from "@modelcontextprotocol/client";
import { Client as OlderClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as OlderTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { InputError } from "#blueprints/error";

/** Which of the two independent SDK lines speaks: 2.x negotiates 2026-07-28, 1.x ends at 2025-11-25. */
export type ClientLine = "2.x" | "1.x";

export interface ToolAnswer {
  readonly isError: boolean;
  /** `structuredContent`, or the text parsed as JSON where a server sends none. */
  readonly data: Record<string, unknown>;
  readonly text: string;
}

/** A real MCP client, reduced to what tasks use; both SDK lines behind one face. */
export interface McpSession {
  readonly line: ClientLine;
  listTools(): Promise<{ name: string; description?: string; inputSchema: unknown }[]>;
  /** The answer, tool errors included. */
  call(name: string, input?: Record<string, unknown>): Promise<ToolAnswer>;
  /** The data, or an `InputError` with the tool's own code when it failed. */
  must(name: string, input?: Record<string, unknown>): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

const clientInfo = { name: "aerostack-evals", version: "1.0.0" };

export async function connect(url: string, token: string, line: ClientLine): Promise<McpSession> {
  const requestInit = { headers: { Authorization: `Bearer ${token}` } };
  const client =
    line === "2.x"
      ? new ModernClient(clientInfo, { versionNegotiation: { mode: "auto" } })
      : new OlderClient(clientInfo);
  const transport =
    line === "2.x"
      ? new ModernTransport(new URL(url), { requestInit })
      : new OlderTransport(new URL(url), { requestInit });
  // Both lines have the same methods; only their classes differ.
  await (client as ModernClient).connect(transport);
  return session(client as ModernClient, line);
}

function session(client: ModernClient, line: ClientLine): McpSession {
  const call = async (name: string, input: Record<string, unknown> = {}): Promise<ToolAnswer> => {
    const result = await client.callTool({ name, arguments: input });
    const text = result.content.map((part) => (part.type === "text" ? part.text : "")).join("\n");
    return { isError: result.isError === true, data: dataOf(result.structuredContent, text), text };
  };
  return {
    line,
    call,
    listTools: async () =>
      (await client.listTools()).tools.map(({ name, description, inputSchema }) => ({
        name,
        inputSchema,
        ...(description ? { description } : {}),
      })),
    must: async (name, input) => {
      const answer = await call(name, input);
      if (!answer.isError) return answer.data;
      const error = (answer.data["error"] ?? {}) as {
        code?: string;
        message?: string;
        fix?: string;
      };
      throw new InputError(
        error.code ?? "tool.failed",
        `${name}: ${error.message ?? answer.text}`,
        error.fix ? { fix: error.fix } : {},
      );
    },
    close: () => client.close(),
  };
}

function dataOf(structured: unknown, text: string): Record<string, unknown> {
  if (structured && typeof structured === "object") return structured as Record<string, unknown>;
  try {
    const parsed: unknown = JSON.parse(text);
    return parsed && typeof parsed === "object"
      ? (parsed as Record<string, unknown>)
      : { value: parsed };
  } catch {
    return { text };
  }
}
