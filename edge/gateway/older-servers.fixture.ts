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

const elicitation = {
  message: "Who are you?",
  requestedSchema: { type: "object" as const, properties: { name: { type: "string" as const } } },
};

const said = (text: string) => ({ content: [{ type: "text" as const, text }] });

type Calls = Pick<OlderServers, "hanging" | "cancelled">;

/** A server that remembers its client: one instance a session, of the SDK of the initialize era. */
function rememberingServer({ hanging, cancelled }: Calls): McpServer {
  const server = new McpServer({ name: "older", version: "1" }, { capabilities: { logging: {} } });
  let remembered = "nothing";
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
    for (const progress of progressToken === undefined ? [] : [1, 2, 3]) {
      const params = { progressToken: progressToken ?? 0, progress, total: 3 };
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
export class OlderServers {
  readonly opened = { streamable: 0, sse: 0 };
  readonly ended: string[] = [];
  /** Requests that began to wait for their cancellation, and those that were cancelled. */
  readonly hanging: unknown[] = [];
  readonly cancelled: unknown[] = [];
  /** What the next streams name as their endpoint, instead of the right one. */
  endpoint: string | undefined;
  readonly #sessions = new Map<string, StreamableHTTPServerTransport>();
  readonly #streams = new Map<
    string,
    { transport: SSEServerTransport; response: ServerResponse }
  >();
  readonly #http = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const isStreamable = url.pathname === "/mcp";
    const served = isStreamable
      ? this.#serveStreamable(request, response)
      : this.#serveSse(request, response, url);
    served.catch(() => response.destroy());
  });

  async start(): Promise<this> {
    this.#http.listen(0, "127.0.0.1");
    await once(this.#http, "listening");
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  /** Ends every HTTP+SSE stream, as a restart does. */
  dropStreams(): void {
    for (const { response } of this.#streams.values()) response.destroy();
  }

  async stop(): Promise<void> {
    this.#http.closeAllConnections();
    this.#http.close();
    await once(this.#http, "close");
  }

  async #serveStreamable(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const id = request.headers["mcp-session-id"];
    const known = typeof id === "string" ? this.#sessions.get(id) : undefined;
    if (known) return known.handleRequest(request, response);
    const body: unknown = request.method === "POST" ? JSON.parse(await textOf(request)) : undefined;
    if (id !== undefined || !isInitializeRequest(body)) {
      response.writeHead(id === undefined ? 400 : 404).end();
      return;
    }
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => crypto.randomUUID(),
      onsessioninitialized: (session) => void this.#sessions.set(session, transport),
      onsessionclosed: (session) => void this.ended.push(session),
    });
    this.opened.streamable++;
    await rememberingServer(this).connect(transport);
    return transport.handleRequest(request, response, body);
  }

  async #serveSse(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    if (url.pathname === "/messages") {
      const stream = this.#streams.get(url.searchParams.get("sessionId") ?? "");
      if (stream) return stream.transport.handlePostMessage(request, response);
      response.writeHead(404).end("no session");
    } else if (request.method !== "GET") response.writeHead(404).end();
    else if (this.endpoint !== undefined) {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(`event: endpoint\ndata: ${this.endpoint}\n\n`);
    } else {
      const transport = new SSEServerTransport("/messages", response);
      this.#streams.set(transport.sessionId, { transport, response });
      response.on("close", () => {
        if (this.#streams.delete(transport.sessionId)) this.ended.push(transport.sessionId);
      });
      this.opened.sse++;
      await rememberingServer(this).connect(transport);
    }
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
