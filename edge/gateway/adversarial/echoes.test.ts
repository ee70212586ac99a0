import { afterEach, describe, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { type Place, post, rpc } from "#edge/gateway/gateway.fixture";
import { auth, canary, traces } from "./canary.fixture.ts";
import {
  answer,
  type Behaviour,
  besides,
  event,
  events,
  type Heard,
  link,
  made,
  plainTool,
  text,
} from "./upstream.fixture.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** All that the workspace tells afterwards: descriptions, links, log with captures, usage, search. */
async function everything(where: Place, token: string): Promise<string> {
  const asked = ["tools/list", "resources/list", "resources/templates/list", "prompts/list"];
  const lists = await Promise.all(asked.map((method) => post(where, token, rpc(method))));
  return JSON.stringify([
    unwrap(await where.stub.describe()),
    unwrap(await where.stub.listSecrets()),
    unwrap(await where.stub.callLog({})),
    unwrap(await where.stub.usage({})),
    ...(await Promise.all(lists.map((one) => one.text()))),
  ]);
}

const said = `before ${canary} after`;
const failing =
  (error: Record<string, unknown>): Behaviour =>
  ({ id }) =>
    Response.json({ jsonrpc: "2.0", id, error: { code: -32000, message: "no", ...error } });
const reply = ({ id }: Heard, result: unknown) => event({ jsonrpc: "2.0", id, result });

/** Cut into two chunks in the middle of the canary. */
function torn(whole: string): ReadableStream<Uint8Array> {
  const at = whole.indexOf(canary) + 10;
  return made((count) => [whole.slice(0, at), whole.slice(at)][count]).body;
}

const onCall = (behaviour: Behaviour) => ({ "tools/call": behaviour });
const doCall = rpc("tools/call", { name: "up__do", arguments: {} });
const inLists = {
  "tools/list": { tools: [{ ...plainTool("do"), title: said, description: said }] },
  "resources/list": { resources: [{ uri: `x://a`, name: "a", description: said }] },
  "prompts/list": { prompts: [{ name: "ask", description: said }] },
};
const allKinds = { tools: {}, resources: {}, prompts: {}, completions: {} };
const listing = Object.fromEntries(
  Object.entries(inLists).map(([method, result]): [string, Behaviour] => [
    method,
    (heard) => answer(heard, result),
  ]),
);

const askForAnswer = {
  ref: { type: "ref/prompt", name: "up__ask" },
  argument: { name: "a", value: "b" },
};

const echoes: [string, Record<string, Behaviour>, ReturnType<typeof rpc>][] = [
  ["a text", onCall((heard) => answer(heard, text(said))), doCall],
  [
    "every piece of a text",
    onCall((heard) => answer(heard, text(`before ${canary.slice(5, 18)} after`))),
    doCall,
  ],
  [
    "structured content",
    onCall((heard) => answer(heard, { content: [], structuredContent: { [said]: [said] } })),
    doCall,
  ],
  [
    "_meta",
    onCall((heard) => answer(heard, { content: [], _meta: { "x.example/a": said } })),
    doCall,
  ],
  ["an error's message", onCall(failing({ message: said })), doCall],
  ["an error's data", onCall(failing({ data: { at: [said] } })), doCall],
  [
    "a stream, torn into two chunks",
    onCall((heard) => events(torn(reply(heard, text(said))))),
    doCall,
  ],
  [
    "JSON, torn into two chunks",
    onCall((heard) => {
      const body = torn(JSON.stringify({ jsonrpc: "2.0", id: heard.id, result: text(said) }));
      return new Response(body, { headers: { "content-type": "application/json" } });
    }),
    doCall,
  ],
  [
    "a notification",
    onCall((heard) =>
      events(
        event({ method: "notifications/message", params: { data: said } }) +
          reply(heard, text("x")),
      ),
    ),
    doCall,
  ],
  [
    "a blob in the middle of base64",
    onCall((heard) =>
      answer(heard, {
        content: [
          { type: "image", mimeType: "a/b", data: btoa(said) },
          { type: "text", text: "before after" },
        ],
      }),
    ),
    doCall,
  ],
  ["a tool's definition", listing, rpc("tools/list")],
  ["a resource's description", listing, rpc("resources/list")],
  ["a prompt's description", listing, rpc("prompts/list")],
  [
    "a resource's text",
    {
      ...listing,
      "resources/read": (heard) => answer(heard, { contents: [{ uri: "x://a", text: said }] }),
    },
    rpc("resources/read", { uri: "x://a" }),
  ],
  [
    "a resource that fails",
    { ...listing, "resources/read": failing({ message: said }) },
    rpc("resources/read", { uri: "x://a" }),
  ],
  [
    "a prompt's message",
    {
      ...listing,
      "prompts/get": (heard) =>
        answer(heard, { messages: [{ role: "user", content: { type: "text", text: said } }] }),
    },
    rpc("prompts/get", { name: "up__ask" }),
  ],
  [
    "a completion",
    {
      ...listing,
      "completion/complete": (heard) => answer(heard, { completion: { values: [said] } }),
    },
    rpc("completion/complete", askForAnswer),
  ],
];

describe("a credential that its upstream echoes is taken out, and nothing else, in", () => {
  it.each(echoes)("%s", async (_where, methods, message) => {
    const { where, token, seen } = await besides(methods, { auth });
    unwrap(await where.stub.changeSettings({ captureCalls: true }));
    unwrap(await where.stub.putSecret("KEY", canary));
    const response = await post(where, token, message);
    const told = await response.text();
    expect(told).toContain("before");
    expect(told).toContain("after");
    expect(traces(told + JSON.stringify([...response.headers]))).toEqual([]);
    expect(traces(await everything(where, token))).toEqual([]);
    const sent = seen.requests.map(({ headers }) => headers.get("authorization"));
    expect(sent).toContain(`Bearer ${canary}`);
  });

  it("headers, comments, names of events, and failures of the transport", async () => {
    const acts: Behaviour[] = [
      (heard) =>
        Response.json(
          { jsonrpc: "2.0", id: heard.id, result: text("x") },
          { headers: { "x-echo": canary, "mcp-session-id": canary, "set-cookie": canary } },
        ),
      (heard) => events(`: ${said}\nevent: ${said}\nid: ${said}\n${reply(heard, text("x"))}`),
      () => new Response(said, { status: 500, statusText: said }),
      () => new Response(null, { status: 302, headers: { location: `https://x.example/${said}` } }),
      () => Promise.reject(new TypeError(said)),
      () => Response.json(said),
    ];
    let at = 0;
    const { where, token } = await besides(
      { "tools/call": (heard) => acts[at++]!(heard) },
      { auth },
    );
    unwrap(await where.stub.putSecret("KEY", canary));
    for (let count = 0; count < acts.length; count++) {
      const response = await post(where, token, doCall);
      expect(traces((await response.text()) + JSON.stringify([...response.headers]))).toEqual([]);
    }
    expect(at).toBe(acts.length);
    expect(traces(await everything(where, token))).toEqual([]);
  });

  it.each([
    doCall,
    rpc("resources/read", { uri: "x://a" }),
    rpc("completion/complete", askForAnswer),
  ])(
    "our own words about a server that does not let us in any more, asked for $method",
    async (message) => {
      let isForgotten = false;
      const forget = () => {
        isForgotten = true;
        return new Response(null, { status: 404 });
      };
      const { where, token } = await besides(
        {
          ...listing,
          [message.method]: forget,
          initialize: failing({ message: said }),
          "server/discover": (heard) =>
            isForgotten
              ? failing({ code: -32601 })(heard)
              : answer(heard, { supportedVersions: ["2026-07-28"], capabilities: allKinds }),
        },
        { auth },
      );
      unwrap(await where.stub.putSecret("KEY", canary));
      const told = await (await post(where, token, message)).text();
      expect(told).toMatch(/The MCP server refused: before .* after/);
      expect(traces(told)).toEqual([]);
      const { problem } = await link(where, { auth });
      expect(problem).toMatch(/The MCP server refused: before .* after/);
      expect(traces(await everything(where, token))).toEqual([]);
    },
  );
});
