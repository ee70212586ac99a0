import path from "node:path";
import type { McpUiHostCapabilities } from "@modelcontextprotocol/ext-apps/app-bridge";
import { build } from "esbuild";
import type { Browser, FrameLocator, Page } from "playwright-core";

export interface Shown {
  /** MCP endpoint of the server. */
  readonly url: string;
  readonly credential: string;
  readonly tool: string;
  readonly input: Record<string, unknown>;
}

export interface Host {
  readonly page: Page;
  readonly view: FrameLocator;
  /** What the view asked of the host: `[method, params]`. */
  sent(): Promise<[string, Record<string, unknown>][]>;
  /** Errors of scripts, and what the browser refused. */
  readonly complaints: string[];
  close(): Promise<void>;
}

const capabilities: McpUiHostCapabilities = {
  serverTools: {},
  openLinks: {},
  updateModelContext: { text: {} },
};

/**
 * A client of MCP Apps in a browser, as small as can be: the SDK's client over Streamable HTTP, the
 * extension's own bridge, and an iframe under the sandbox and the policy that the specification has
 * clients apply where a view asks for nothing. A view may call what its tool's server lists for views.
 */
const source = `
import { AppBridge, PostMessageTransport, RESOURCE_MIME_TYPE, getToolUiResourceUri, isToolVisibilityModelOnly } from "@modelcontextprotocol/ext-apps/app-bridge";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

const policy = "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; media-src 'self' data:; connect-src 'none'";
const me = { name: "host", version: "1.0.0" };
window.sent = [];

window.showTool = async ({ url, credential, tool: name, input }) => {
  const client = new Client(me, { capabilities: { extensions: { "io.modelcontextprotocol/ui": { mimeTypes: [RESOURCE_MIME_TYPE] } } } });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { Authorization: "Bearer " + credential } },
  }));
  const { tools } = await client.listTools();
  const tool = tools.find((one) => one.name === name);
  const { contents: [view] } = await client.readResource({ uri: getToolUiResourceUri(tool) });
  if (view.mimeType !== RESOURCE_MIME_TYPE) throw new Error("The view is " + view.mimeType);
  const result = await client.callTool({ name, arguments: input });
  const bridge = new AppBridge(null, me, ${JSON.stringify(capabilities)}, { hostContext: { theme: "light", toolInfo: { tool } } });
  const note = (method) => async (params) => (window.sent.push([method, params]), {});
  bridge.oncalltool = async (params) => {
    const called = tools.find((one) => one.name === params.name);
    if (!called || isToolVisibilityModelOnly(called)) throw new Error("The view may not call " + params.name);
    window.sent.push(["tools/call", params]);
    return client.callTool(params);
  };
  bridge.onopenlink = note("ui/open-link");
  bridge.onupdatemodelcontext = note("ui/update-model-context");
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts");
  frame.style.cssText = "width: 100%; height: 100px; border: 0";
  bridge.addEventListener("sizechange", ({ height }) => (frame.style.height = height + "px"));
  const ready = new Promise((resolve) => bridge.addEventListener("initialized", resolve));
  document.body.replaceChildren(frame);
  await bridge.connect(new PostMessageTransport(frame.contentWindow, frame.contentWindow));
  frame.srcdoc = view.text.replace("<head>", '<head><meta http-equiv="Content-Security-Policy" content="' + policy + '">');
  await ready;
  await bridge.sendToolInput({ arguments: input });
  await bridge.sendToolResult(result);
};
`;

let bundle: Promise<string> | undefined;

async function bundled(): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: path.join(import.meta.dirname, "../..") },
    bundle: true,
    format: "iife",
    platform: "browser",
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}

/** Calls a tool as the host does, and shows its answer in its view. */
export async function showInHost(browser: Browser, shown: Shown): Promise<Host> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    // That the server offers no stream of its own is told to the client by a status.
    if (message.type() !== "error" || message.text().includes("status of 405")) return;
    complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  // On the server's own origin, where it may call without being asked by the browser.
  const address = new URL("/host-of-the-test", shown.url).href;
  const body = "<!doctype html><title>Host</title><body></body>";
  await page.route(address, (route) => route.fulfill({ contentType: "text/html", body }));
  await page.goto(address);
  await page.addScriptTag({ content: await (bundle ??= bundled()) });
  await page.evaluate(`window.showTool(${JSON.stringify(shown)})`);
  return {
    page,
    view: page.frameLocator("iframe"),
    sent: () => page.evaluate("window.sent"),
    complaints,
    close: () => page.close(),
  };
}
