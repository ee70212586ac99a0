import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { SSEServerTransport } from "@modelcontextprotocol/sdk/server/sse.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import {
  ElicitResultSchema,
  isInitializeRequest,
  ListRootsResultSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";

/** What happened at the servers. */
export interface OlderServers {
  readonly url: string;
  /** Sessions that were opened, by transport. */
  readonly opened: { streamable: number; sse: number };
  readonly ended: string[];
  /** Requests that began to wait for their cancellation, and those that were cancelled. */
  readonly hanging: unknown[];
  readonly cancelled: unknown[];
  /** Header `authorization` of every request. */
  readonly authorizations: (string | undefined)[];
  /** Ends every HTTP+SSE stream, as a restart does. */
  dropStreams(): void;
  /** The endpoint event of the next streams names this address. */
  nameEndpoint(endpoint: string | undefined): void;
  stop(): Promise<void>;
}

const elicitation = {
  message: "Who are you?",
  requestedSchema: { type: "object" as const, properties: { name: { type: "string" as const } } },
};

type Calls = Pick<OlderServers, "hanging" | "cancelled">;

/** A server that remembers its client: one instance a session, of the SDK of the initialize era. */
function rememberingServer({ hanging, cancelled }: Calls): McpServer {
  const server = new McpServer({ name: "older", version: "1" }, { capabilities: { logging: {} } });
  let remembered = "nothing";
  const said = (text: string) => ({ content: [{ type: "text" as const, text }] });
  server.registerTool("remember", { inputSchema: { value: z.string() } }, ({ value }) => {
    remembered = value;
    return said("kept");
  });
  server.registerTool("recall", {}, () => said(remembered));
  server.registerTool("ask", {}, async (extra) => {
    const params = { mode: "form" as const, ...elicitation };
    const request = { method: "elicitation/create" as const, params };
    return said(JSON.stringify(await extra.sendRequest(request, ElicitResultSchema)));
  });
  // Belongs to no request: the SDK sends it on the stream of the session.
  server.registerTool("ask-beside", {}, async () =>
    said(JSON.stringify(await server.server.elicitInput(elicitation))),
  );
  server.registerTool("roots", {}, async ({ sendRequest }) =>
    said(JSON.stringify(await sendRequest({ method: "roots/list" }, ListRootsResultSchema))),
  );
  server.registerTool("count", {}, async ({ _meta, sendNotification }) => {
    const progressToken = _meta?.progressToken;
    for (let progress = 1; progressToken !== undefined && progress <= 3; progress++) {
      const params = { progressToken, progress, total: 3 };
      await sendNotification({ method: "notifications/progress", params });
    }
    return said("counted");
  });
  server.registerTool("hang", {}, async ({ signal, requestId }) => {
    hanging.push(requestId);
    await once(signal, "abort");
    cancelled.push(requestId);
    return said("never");
  });
  return server;
}

/** `/mcp` with sessions, `/sse` and `/messages` of 2024-11-05, on one port. */
export async function startOlderServers(): Promise<OlderServers> {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const streams = new Map<string, { transport: SSEServerTransport; response: ServerResponse }>();
  const opened = { streamable: 0, sse: 0 };
  const ended: string[] = [];
  const calls = { hanging: [], cancelled: [] };
  const authorizations: (string | undefined)[] = [];
  let endpoint: string | undefined;

  const streamable = async (request: IncomingMessage, response: ServerResponse) => {
    const id = request.headers["mcp-session-id"];
    const known = typeof id === "string" ? sessions.get(id) : undefined;
    if (known) return known.handleRequest(request, response);
    const body: unknown = request.method === "POST" ? JSON.parse(await textOf(request)) : undefined;
    if (id !== undefined || !isInitializeRequest(body)) {
      return response.writeHead(id === undefined ? 400 : 404).end();
    }
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => crypto.randomUUID(),
      onsessioninitialized: (session) => void sessions.set(session, transport),
      onsessionclosed: (session) => void ended.push(session),
    });
    opened.streamable++;
    await rememberingServer(calls).connect(transport as never);
    return transport.handleRequest(request, response, body);
  };

  const sse = async (request: IncomingMessage, response: ServerResponse, url: URL) => {
    if (url.pathname === "/messages") {
      const stream = streams.get(url.searchParams.get("sessionId") ?? "");
      if (stream) return stream.transport.handlePostMessage(request, response);
      return response.writeHead(404).end("no session");
    }
    if (request.method !== "GET") return response.writeHead(404).end();
    if (endpoint !== undefined) {
      response.writeHead(200, { "content-type": "text/event-stream" });
      return response.write(`event: endpoint\ndata: ${endpoint}\n\n`);
    }
    const transport = new SSEServerTransport("/messages", response);
    streams.set(transport.sessionId, { transport, response });
    response.on("close", () => {
      if (streams.delete(transport.sessionId)) ended.push(transport.sessionId);
    });
    opened.sse++;
    return rememberingServer(calls).connect(transport);
  };

  const http = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    authorizations.push(request.headers.authorization);
    const served =
      url.pathname === "/mcp" ? streamable(request, response) : sse(request, response, url);
    served.catch(() => response.destroy());
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    opened,
    ended,
    ...calls,
    authorizations,
    dropStreams: () => [...streams.values()].forEach(({ response }) => response.destroy()),
    nameEndpoint: (address) => {
      endpoint = address;
    },
    stop: async () => {
      http.closeAllConnections();
      http.close();
      await once(http, "close");
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
