import { exports } from "cloudflare:workers";
import type { Tool } from "@modelcontextprotocol/client";
import { afterEach, describe, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { type Place, post, rpc } from "#edge/gateway/gateway.fixture";
import { dialects } from "#registry-adapters/dialects/index";
import {
  answer,
  besides,
  call,
  event,
  events,
  json,
  link,
  made,
  names,
  plainTool,
  text,
} from "./upstream.fixture.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

type Schema = Record<string, unknown>;

const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
const properties = (count: number, inner: Schema) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`p${at}`, inner]));
const refer = (name: string) => ({ $ref: `#/$defs/${name}` });

/** Each definition holds the next so many times: a few lines that stand for millions. */
function branching(count: number, hold: (inner: Schema) => Schema): Schema {
  const levels = ["a", "b", "c"];
  const $defs = Object.fromEntries(
    levels.map((name, at) => [
      name,
      at + 1 < levels.length ? hold(refer(levels[at + 1]!)) : { type: "string" },
    ]),
  );
  return { type: "object", properties: properties(count, refer("a")), $defs };
}

const schemas: [string, Schema][] = [
  ["a reference to itself", { type: "object", properties: { a: { $ref: "#" } } }],
  [
    "references in a circle",
    { type: "object", properties: { a: refer("a") }, $defs: { a: refer("b"), b: refer("a") } },
  ],
  ["a foreign reference", { type: "object", $ref: "https://evil.example/schema.json" }],
  ["a reference to a file", { type: "object", properties: { a: { $ref: "file:///etc/passwd" } } }],
  ["a dynamic reference", { type: "object", $dynamicRef: "#meta" }],
  ["a pattern that backtracks", { type: "object", properties: { a: { pattern: "^(a+)+$" } } }],
  [
    "allOf that doubles at each level",
    branching(2, (inner) => ({ type: "object", allOf: Array<Schema>(20).fill(inner) })),
  ],
  [
    "properties that multiply at each level",
    branching(400, (inner) => ({ type: "object", properties: properties(400, inner) })),
  ],
  ["10,000 values", { type: "object", properties: { a: { enum: Array(10_000).fill(1) } } }],
  ["`__proto__`", JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"}}}')],
];

/** What reads schemas: the lists of all modes, of all dialects, search, and the description. */
async function readAll(where: Place, token: string): Promise<void> {
  for (const mode of ["direct", "search", "code"]) {
    const listed = await post(`${where.identity.slug}?tools=${mode}`, token, rpc("tools/list"));
    expect(listed.status).toBe(200);
  }
  for (const dialect of Object.keys(dialects)) {
    const url = `https://aerostack.test/ws/${where.identity.slug}/tools?dialect=${dialect}`;
    const told = await exports.default.fetch(url, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(await told.text()).toContain("two__do");
    expect(told.status).toBe(200);
  }
  const found = await post(
    `${where.identity.slug}?tools=search`,
    token,
    rpc("tools/call", { name: "find_tools", arguments: { query: "bomb do" } }),
  );
  expect(await found.text()).toContain("two__do");
  expect(unwrap(await where.stub.describe()).toolModes.code.tokens).toBeLessThan(30_000);
}

describe("a schema that is a bomb is read without going off, and nothing is fetched for it", () => {
  it.each(schemas)("%s", async (_what, inputSchema) => {
    const tools = [
      plainTool("fine"),
      { name: "bomb", inputSchema, outputSchema: { type: "object" as const } },
    ];
    const { where, token, seen } = await besides({
      "tools/list": (heard) => answer(heard, { tools }),
      "tools/call": (heard) => answer(heard, text("ran")),
    });
    expect(await names(where, token)).toContain("up__fine");
    await readAll(where, token);
    expect(await call(where, token, "up__bomb", { a: `${"a".repeat(5000)}!` })).toContain("ran");
    expect(seen.requests.every(({ url }) => /^https:\/\/(up|two)\.example\//.test(url))).toBe(true);
  });
});

describe("of a list of tools what is too much is left out, and the rest is used", () => {
  it.each([65, 1000, 3000, 8000, 100_000])("a definition %i levels deep", async (depth) => {
    const deep = `{"name":"deep","inputSchema":{"type":"object","x":${nested(depth)}}}`;
    const tools = `[${deep},${JSON.stringify(plainTool("fine"))}]`;
    const { where, token, state } = await besides({
      "tools/list": ({ id }) => json(`{"jsonrpc":"2.0","id":${id},"result":{"tools":${tools}}}`),
    });
    // Beyond what any message may nest, the list as a whole is none.
    expect(state.tools).toEqual(depth > 128 ? [] : ["up__fine"]);
    expect(await names(where, token)).toContain("two__do");
    await readAll(where, token);
  });

  it.each<[string, Tool[], number]>([
    ["100,000 tools", Array.from({ length: 100_000 }, (_, at) => plainTool(`t${at}`)), 2000],
    [
      "2,000 tools of 4,000 characters",
      Array.from({ length: 2000 }, (_, at) => ({
        ...plainTool(`t${at}`),
        title: "é".repeat(2000),
      })),
      370,
    ],
    [
      "a description of 9 MB",
      [{ ...plainTool("a"), description: "x".repeat(9e6) }, plainTool("b")],
      1,
    ],
    ["entries that are none", [null, 1, "x", [], {}, { name: 1 }, plainTool("b")] as Tool[], 1],
    ["the same name twice", [plainTool("a"), plainTool("a")], 2],
  ])("%s", async (_what, tools, most) => {
    const { where, token, state } = await besides({
      "tools/list": (heard) => answer(heard, { tools }),
      "tools/call": (heard) => answer(heard, text("ran")),
    });
    expect(state.state).toBe("ready");
    expect(state.tools.length).toBeGreaterThan(0);
    expect(state.tools.length).toBeLessThanOrEqual(most);
    expect(await call(where, token, state.tools.at(-1))).toContain("ran");
    expect(await call(where, token, "two__do")).toContain("fine");
  });

  it("a list of 11 MB, or of pages without end, keeps the tools that were known", async () => {
    const lists: unknown[] = [
      { tools: [plainTool("do")] },
      { tools: [{ ...plainTool("do"), description: "x".repeat(11e6) }] },
    ];
    let pages = 0;
    const { where, token } = await besides({
      "tools/list": (heard) => {
        const list = lists.shift();
        pages += 1;
        return answer(heard, list ?? { tools: [], nextCursor: `${pages}` });
      },
    });
    expect(await link(where)).toMatchObject({ state: "unavailable" });
    expect(await names(where, token)).toEqual(["two__do"]);
    pages = 0;
    await link(where);
    expect(pages).toBe(50);
  });
});

it("a request unfolded from gzip, and one of 5 MB without Content-Length, is refused", async () => {
  const { where, token } = await besides({});
  const { body, counted } = made(() => "x".repeat(100_000));
  const url = `https://aerostack.test/ws/${where.identity.slug}`;
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const endless = await exports.default.fetch(url, { method: "POST", headers, body });
  expect(endless.status).toBe(413);
  expect(counted.chunks).toBeLessThan(100);
  const zipped = new Blob([" ".repeat(2e6)]).stream().pipeThrough(new CompressionStream("gzip"));
  const bomb = await exports.default.fetch(url, {
    method: "POST",
    headers: { ...headers, "content-encoding": "gzip" },
    body: await new Response(zipped).arrayBuffer(),
  });
  expect(bomb.status).toBe(400);
  expect(await call(where, token, "two__do")).toContain("fine");
});

/** How much longer the one takes, the fastest of a few: other programs only ever add to it. */
async function ratio(small: () => Promise<unknown>, large: () => Promise<unknown>) {
  const times: [number, number] = [Infinity, Infinity];
  for (let count = 0; count < 10; count++) {
    const started = performance.now();
    await (count % 2 === 0 ? small : large)();
    times[count % 2] = Math.min(times[count % 2]!, performance.now() - started);
  }
  return times[1] / Math.max(times[0], 1);
}

describe("our own searches take time that is linear in the text", () => {
  const secret = "sk-live-7f3e9d2b1aQx84Zm0wLr6T";
  it.each(["xxx", "a.a.a@", "eyJeyJ", "0-0-", secret.slice(0, 11), "\\u0000", '"', "=?"])(
    "of %s",
    async (piece) => {
      const { where, token } = await besides(
        {
          "tools/call": (heard) => {
            const said = heard.params["arguments"] as { said: string };
            const result = text(said.said);
            return said.said.length % 2 === 0
              ? answer(heard, result)
              : events(event({ jsonrpc: "2.0", id: heard.id, result }));
          },
        },
        { auth: { type: "header", header: "X-Key", value: "{{ secret }}", secret: "KEY" } },
      );
      unwrap(await where.stub.putSecret("KEY", secret));
      unwrap(await where.stub.changeSettings({ captureCalls: true }));
      const small = piece.repeat(125_000 / piece.length);
      const large = piece.repeat(2_000_000 / piece.length);
      const send = async (said: string) =>
        expect((await call(where, token, "up__do", { said })).length).toBeGreaterThan(100_000);
      const grown = await ratio(
        () => send(small),
        () => send(large),
      );
      // Sixteen times the text: linear work is 16 times as much, quadratic 256.
      expect(grown).toBeLessThan(40);
    },
  );
});
