import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { LocalServer, startService } from "#edge/local/server.fixture";
import type { Asked, Reply } from "#edge/models/formats/format.fixture";
import { ModelServer } from "#edge/models/model-server.fixture";

/**
 * The four kinds of tools of an agent, over the wire: a hosted MCP server, functions, a skill and a
 * sub-agent with a function of its own; what they do is seen by a service of the world. And steps that
 * wait for a person in their middle: the platform is killed while they do, and finished parts stay done.
 */

/** What reached the world, in no order: the path, and what was said. */
const acted: string[] = [];

/** The sub-agent says what its function gave; the agent calls all that it has, then sums up. */
function think({ text, tools }: Asked): Reply {
  if (text.includes("You check stock.")) {
    const isTold = text.includes("stock is 7");
    return isTold
      ? { text: "Seven are left." }
      : { toolCalls: [{ name: "fn__stock", input: { of: "chairs" } }] };
  }
  if (text.includes("go on then")) return { text: "All four have answered." };
  const names = tools.filter((name) => name !== "read_more");
  const inputs: Record<string, Record<string, unknown>> = {
    crm__find: { id: 7 },
    fn__note: { what: "workspace" },
    record: { what: "pinned" },
    skill__greeting: {},
    stock_keeper: { task: "How many chairs?" },
  };
  return { toolCalls: names.map((name) => ({ name, input: inputs[name] ?? {} })) };
}
const models = new ModelServer(think);

const world = await startService((request, response) => {
  void (async () => {
    let text = "";
    request.on("data", (chunk) => (text += String(chunk)));
    await once(request, "end");
    response.setHeader("content-type", "application/json");
    if (request.url?.startsWith("/v1/")) {
      const answer = await models.answer(`http://models${request.url}`, text);
      response.end(await answer.text());
      return;
    }
    acted.push(`${request.url} ${text}`);
    response.end(JSON.stringify({ ok: true }));
  })();
});

const says = `http://${world.host}`;
const actsBy = (path: string, answer: string) => `export default async (input) => {
  await fetch("${says}/${path}", { method: "POST", body: JSON.stringify(input) });
  return ${answer};
};`;
const functionOf = (name: string, field: string, code: string) => ({
  name,
  description: `Does ${name}.`,
  input: { type: "object", properties: { [field]: { type: "string" } }, required: [field] },
  output: {},
  effect: "external",
  egress: [world.host],
  code,
});

const agent = {
  goal: "Ask everybody.",
  model: "openai-compatible:tiny",
  tools: ["crm__find", "fn__note", "skill__greeting"],
  functions: ["record"],
  agents: [
    {
      name: "stock_keeper",
      description: "Knows the stock.",
      system: "You check stock.",
      tools: ["fn__stock"],
    },
  ],
  limits: { turns: 1 },
  on_limit: "escalate",
};

const endpointWorkflow = (name: string, steps: object[], edges: object[]) => ({
  name,
  nodes: [{ id: "start", type: "trigger", config: { source: "endpoint" } }, ...steps],
  edges,
});
const post = (id: string) => ({
  id,
  type: "action",
  config: { method: "POST", url: `${says}/${id}` },
});

const blueprint = {
  name: "tools",
  egress: [world.host],
  mcps: [
    {
      name: "crm",
      egress: [world.host],
      code: `import { defineServer } from "aerostack";
        export default defineServer({ name: "crm", version: "1.0.0", tools: { find: {
          description: "Finds a customer.",
          input: { type: "object", properties: { id: { type: "number" } }, required: ["id"] },
          async run(input) {
            await fetch("${says}/crm", { method: "POST", body: JSON.stringify(input) });
            return { customer: "Ada" };
          },
        } } });`,
    },
  ],
  functions: [
    functionOf("note", "what", actsBy("note", `"noted " + input.what`)),
    functionOf("record", "what", actsBy("record", `"recorded " + input.what`)),
    functionOf("stock", "of", actsBy("stock", `"the stock is 7"`)),
  ],
  skills: [
    { name: "greeting", description: "How to greet.", instructions: "Greet with a good day." },
  ],
  workflows: [
    endpointWorkflow(
      "ask",
      [{ id: "agent", type: "agent_loop", config: agent }],
      [{ from: "start", to: "agent" }],
    ),
    endpointWorkflow(
      "gate",
      [
        {
          id: "gate",
          type: "auth_gate",
          config: {
            to: "ada@example.com",
            service: "Acme",
            deliver: { provider: "http", url: `${says}/deliver` },
          },
        },
        post("let_in"),
      ],
      [
        { from: "start", to: "gate" },
        { from: "gate", port: "verified", to: "let_in" },
      ],
    ),
    endpointWorkflow(
      "outer",
      [{ id: "call", type: "call_function", config: { workflow: "inner" } }, post("outer_after")],
      [
        { from: "start", to: "call" },
        { from: "call", to: "outer_after" },
      ],
    ),
    endpointWorkflow(
      "inner",
      [
        post("inner_before"),
        { id: "review", type: "human_review", config: { title: "Pay?" } },
        post("inner_after"),
      ],
      [
        { from: "start", to: "inner_before" },
        { from: "inner_before", to: "review" },
        { from: "review", port: "approved", to: "inner_after" },
      ],
    ),
  ],
  endpoints: ["ask", "gate", "outer"].map((name) => ({ name, workflow: name })),
};

interface Substep {
  readonly name: string;
  readonly status: string;
  readonly attempts: number;
  readonly startedAt: number;
}
interface Trace {
  readonly status: string;
  readonly output?: unknown;
  readonly steps: readonly {
    readonly id: string;
    readonly status: string;
    readonly output?: unknown;
    readonly attempts: number;
    readonly startedAt: number;
    readonly substeps?: readonly Substep[];
    readonly children?: readonly { readonly id: string }[];
  }[];
}

let server: LocalServer;
let token = "";
const ids: Record<string, string> = {};
const read = (id: string) => server.run<Trace>(id);
const stepOf = async (id: string, step: string) =>
  (await read(id)).steps.find((one) => one.id === step);
const reaches = (id: string, status: string) =>
  vi.waitFor(async () => expect((await read(id)).status).toBe(status), { timeout: 30_000 });

async function start(name: string): Promise<string> {
  const response = await fetch(`${server.url}/e/tools/${name}`, {
    method: "POST",
    headers: { ...server.headers, prefer: "respond-async", "content-type": "application/json" },
    body: "{}",
  });
  return (await response.json<{ run_id: string }>()).run_id;
}

async function send(id: string, step: string, payload: object, credential?: string) {
  const response = await fetch(`${server.url}/runs/${id}/answers`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(credential === undefined ? server.headers : { authorization: `Bearer ${credential}` }),
    },
    body: JSON.stringify({ step, payload }),
  });
  expect(response.status, await response.clone().text()).toBeLessThan(300);
}

const codeSent = () =>
  (
    JSON.parse(acted.find((one) => one.startsWith("/deliver"))?.slice(9) ?? "{}") as {
      code: string;
    }
  ).code;
const seen = (path: string) => acted.filter((one) => one.startsWith(`/${path} `));

/** All that was done when the platform was killed. */
let before: { acted: string[]; asked: number; substeps: readonly Substep[] };

beforeAll(async () => {
  server = await LocalServer.start({ OPENAI_COMPATIBLE_URL: `${says}/v1` });
  await server.deploy(blueprint, "tools");
  const invitation = { workspace: "tools", member: "maria" };
  const { claim_url: link } = await server.tool("issue_token", invitation);
  const claimed = await fetch(String(link), {
    method: "POST",
    headers: { accept: "application/json", "sec-fetch-site": "same-origin" },
    body: new URLSearchParams(),
  });
  ({ token } = await claimed.json<{ token: string }>());
  for (const name of ["ask", "gate", "outer"]) ids[name] = await start(name);
  for (const id of Object.values(ids)) await reaches(id, "waiting");
  ids["inner"] = (await stepOf(ids["outer"]!, "call"))?.children?.[0]?.id ?? "";
  await reaches(ids["inner"], "waiting");
  const wrong = codeSent().replace(/^./, (first) => (first === "1" ? "2" : "1"));
  await send(ids["gate"]!, "gate", { code: wrong });
  const substeps = (await stepOf(ids["ask"]!, "agent"))?.substeps ?? [];
  before = { acted: [...acted], asked: models.asked.length, substeps };
  await server.kill();
});

afterAll(async () => {
  await server?.stop();
  world.stop();
});

describe("an agent", () => {
  it("calls tools of all four kinds, each with its real schema, and reads what they say", async () => {
    const [first] = models.asked;
    expect(first?.tools).toEqual([
      "read_more",
      "crm__find",
      "fn__note",
      "skill__greeting",
      "record",
      "stock_keeper",
    ]);
    const schemas = JSON.stringify(first?.body["tools"]);
    expect(schemas).toMatch(/Finds a customer\..*Does note\..*How to greet\..*Does record\./s);
    expect(before.acted.filter((one) => !/^.(deliver|inner)/.test(one)).toSorted()).toEqual([
      '/crm {"id":7}',
      '/note {"what":"workspace"}',
      '/record {"what":"pinned"}',
      '/stock {"of":"chairs"}',
    ]);
    expect(before.substeps.map(({ name }) => name).toSorted()).toEqual([
      "begin_1",
      "tools",
      "turn_1",
      "turn_1_tool_1",
      "turn_1_tool_2",
      "turn_1_tool_3",
      "turn_1_tool_4",
      "turn_1_tool_5_begin_1",
      "turn_1_tool_5_tools",
      "turn_1_tool_5_turn_1",
      "turn_1_tool_5_turn_1_tool_1",
      "turn_1_tool_5_turn_2",
    ]);
  });

  it("killed while a person thinks goes on with what it had, and does nothing of it again", async () => {
    const id = ids["ask"]!;
    await reaches(id, "waiting");
    await send(id, "agent", { decision: "continue", text: "go on then" });
    await reaches(id, "succeeded");
    const step = await stepOf(id, "agent");
    expect(step).toMatchObject({
      output: { answer: "All four have answered.", turns: 2, tool_calls: 5 },
    });
    // One more question, with what all four said before the kill.
    expect(models.asked).toHaveLength(before.asked + 1);
    expect(models.asked.at(-1)?.text).toMatch(
      /Ada.*noted workspace.*Greet with a good day.*recorded pinned.*Seven are left/s,
    );
    for (const path of ["crm", "note", "record", "stock"]) expect(seen(path)).toHaveLength(1);
    expect(step?.substeps?.slice(0, before.substeps.length)).toEqual(before.substeps);
  });
});

it("a gate killed between its code and the answer sends no other code, and forgets no wrong one", async () => {
  const id = ids["gate"]!;
  await send(id, "gate", { code: codeSent() });
  await reaches(id, "succeeded");
  expect(seen("deliver")).toHaveLength(1);
  expect(seen("let_in")).toHaveLength(1);
  const names = (await stepOf(id, "gate"))?.substeps?.map(({ name, attempts }) => [name, attempts]);
  expect(names).toEqual([
    ["challenge_0", 1],
    ["page", 1],
    ["wrong_answer", 1],
  ]);
});

it("a workflow in a workflow killed at its review is started once, and hands its output on", async () => {
  const [inner, outer] = [ids["inner"]!, ids["outer"]!];
  await send(inner, "review", { decision: "approved" }, token);
  await reaches(outer, "succeeded");
  expect((await stepOf(outer, "call"))?.children).toEqual([{ id: inner, workflow: "inner" }]);
  for (const path of ["inner_before", "inner_after", "outer_after"])
    await vi.waitFor(() => expect(seen(path)).toHaveLength(1));
});
