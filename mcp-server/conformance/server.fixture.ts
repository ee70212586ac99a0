import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo } from "node:net";
import { Readable } from "node:stream";
import {
  createMcpHandler,
  hostHeaderValidationResponse,
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  originValidationResponse,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { contentTools, png } from "./content-tools.fixture.ts";
import { inputRequiredPrompt, inputTools, requestState } from "./input-tools.fixture.ts";
import { olderInputTools } from "./older-input-tools.fixture.ts";

const tools = { ...contentTools, ...inputTools, ...olderInputTools };

const user = (content: unknown) => ({ role: "user", content });
const userText = (value: string) => user({ type: "text", text: value });

type PromptArguments = Record<string, string>;
const prompts: Record<
  string,
  { arguments?: string[]; get(values: PromptArguments, context: ServerContext): unknown }
> = {
  test_simple_prompt: {
    get: () => ({ messages: [userText("This is a simple prompt for testing.")] }),
  },
  test_prompt_with_arguments: {
    arguments: ["arg1", "arg2"],
    get: ({ arg1, arg2 }) => ({
      messages: [userText(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)],
    }),
  },
  test_prompt_with_embedded_resource: {
    arguments: ["resourceUri"],
    get: ({ resourceUri }) => ({
      messages: [
        user({
          type: "resource",
          resource: {
            uri: resourceUri,
            mimeType: "text/plain",
            text: "Embedded resource content for testing.",
          },
        }),
        userText("Please process the embedded resource above."),
      ],
    }),
  },
  test_prompt_with_image: {
    get: () => ({
      messages: [
        user({ type: "image", data: png, mimeType: "image/png" }),
        userText("Please analyze the image above."),
      ],
    }),
  },
  test_input_required_result_prompt: { get: (_values, context) => inputRequiredPrompt(context) },
};

const resources: Record<string, { mimeType: string; text?: string; blob?: string }> = {
  "test://static-text": {
    mimeType: "text/plain",
    text: "This is the content of the static text resource.",
  },
  "test://static-binary": { mimeType: "image/png", blob: png },
  "test://watched-resource": { mimeType: "text/plain", text: "Watched." },
};

function readResource(uri: string): unknown {
  const fixed = resources[uri];
  if (fixed) return { contents: [{ uri, ...fixed }] };
  const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1];
  if (id === undefined) throw new ResourceNotFoundError(uri);
  const data = { id, templateTest: true, data: `Data for ID: ${id}` };
  return { contents: [{ uri, mimeType: "application/json", text: JSON.stringify(data) }] };
}

function register(server: Server): void {
  // The SDK's result types are unions of every content kind; the suite checks the wire itself.
  const handle = server.setRequestHandler.bind(server) as unknown as (
    method: string,
    handler: (request: { params: Record<string, never> }, context: ServerContext) => unknown,
  ) => void;
  handle("tools/list", () => ({
    tools: Object.entries(tools).map(([name, { description, inputSchema }]) => ({
      name,
      description,
      inputSchema: inputSchema ?? { type: "object" },
    })),
  }));
  handle("tools/call", ({ params }, context) => {
    const tool = tools[params["name"] as unknown as string];
    if (!tool) throw new ProtocolError(ProtocolErrorCode.InvalidParams, "Unknown tool");
    return tool.call(context, params["arguments"] ?? {});
  });
  handle("prompts/list", () => ({
    prompts: Object.entries(prompts).map(([name, prompt]) => ({
      name,
      description: `Prompt ${name}.`,
      arguments: (prompt.arguments ?? []).map((one) => ({
        name: one,
        description: `Argument ${one}.`,
        required: true,
      })),
    })),
  }));
  handle("prompts/get", ({ params }, context) => {
    const prompt = prompts[params["name"] as unknown as string];
    if (!prompt) throw new ProtocolError(ProtocolErrorCode.InvalidParams, "Unknown prompt");
    return prompt.get(params["arguments"] ?? {}, context);
  });
  handle("resources/list", () => ({
    resources: Object.entries(resources).map(([uri, { mimeType }]) => ({
      uri,
      name: uri.slice("test://".length),
      description: `Resource ${uri}.`,
      mimeType,
    })),
  }));
  handle("resources/templates/list", () => ({
    resourceTemplates: [
      {
        uriTemplate: "test://template/{id}/data",
        name: "template",
        description: "Data by id.",
        mimeType: "application/json",
      },
    ],
  }));
  handle("resources/read", ({ params }) => readResource(params["uri"] as unknown as string));
  handle("resources/subscribe", () => ({}));
  handle("resources/unsubscribe", () => ({}));
  handle("logging/setLevel", () => ({}));
  handle("completion/complete", () => ({ completion: { values: [], total: 0, hasMore: false } }));
}

function buildFixture(): Server {
  const server = new Server(
    { name: "aerostack-conformance-fixture", version: "1.0.0" },
    {
      capabilities: {
        tools: {},
        prompts: {},
        resources: { subscribe: true },
        logging: {},
        completions: {},
      },
      requestState: { verify: (state, context) => requestState.verify(state, context) },
    },
  );
  register(server);
  return server;
}

/** Node's request as a web-standard one, and the answer back. */
export async function bridge(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  handle: (request: Request) => Promise<Response>,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value));
  const response = await handle(
    new Request(`http://${incoming.headers.host ?? "localhost"}${incoming.url ?? "/"}`, {
      method: incoming.method ?? "GET",
      headers,
      ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
    }),
  );
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body) Readable.fromWeb(response.body as never).pipe(outgoing);
  else outgoing.end();
}

/** The fixture server on a free port of 127.0.0.1. */
export async function startFixture(): Promise<{ url: string; stop(): Promise<void> }> {
  const handler = createMcpHandler(buildFixture, { legacy: "stateless" });
  const server = createServer((incoming, outgoing) => {
    void bridge(incoming, outgoing, async (request) => {
      const refused =
        hostHeaderValidationResponse(request, localhostAllowedHostnames()) ??
        originValidationResponse(request, localhostAllowedOrigins());
      return refused ?? handler.fetch(request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    async stop() {
      await handler.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
