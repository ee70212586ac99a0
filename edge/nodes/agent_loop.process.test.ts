import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { LocalServer, startService } from "#edge/local/server.fixture";
import { ModelServer } from "#edge/models/model-server.fixture";

/** Each turn calls a tool that acts on the world; the fourth says that all is done. */
const models = new ModelServer(({ body }, index) => {
  const turn =
    (body["messages"] as { role: string }[]).filter(({ role }) => role === "assistant").length + 1;
  if (turn > 3) return { text: "All is done." };
  const reply = { toolCalls: [{ name: "record", input: { turn } }] };
  // The third question is never answered: the platform dies while it waits.
  return index === 2 ? { ...reply, after: new Promise(() => undefined) } : reply;
});
/** The turns in which the tool acted. */
const recorded: number[] = [];

const world = await startService((request, response) => {
  void (async () => {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    response.setHeader("content-type", "application/json");
    if (request.url === "/record") {
      recorded.push((JSON.parse(text) as { turn: number }).turn);
      response.end("{}");
      return;
    }
    const answer = await models.answer(`http://models${request.url}`, text);
    response.end(await answer.text());
  })();
});

let server: LocalServer;
let run = "";

const blueprint = (host: string) => ({
  name: "agents",
  egress: [host],
  functions: [
    {
      name: "record",
      description: "Notes a turn.",
      input: { type: "object", properties: { turn: { type: "number" } }, required: ["turn"] },
      output: {},
      effect: "external",
      egress: [host],
      code: `export default async (input: { turn: number }) => {
        await fetch("http://${host}/record", { method: "POST", body: JSON.stringify(input) });
        return "noted";
      };`,
    },
  ],
  workflows: [
    {
      name: "agent",
      nodes: [
        { id: "start", type: "trigger", config: { source: "endpoint" } },
        {
          id: "agent",
          type: "agent_loop",
          config: {
            goal: "Note three turns.",
            model: "openai-compatible:tiny",
            functions: ["record"],
          },
        },
      ],
      edges: [{ from: "start", to: "agent" }],
    },
  ],
  endpoints: [{ name: "agent", workflow: "agent" }],
});

beforeAll(async () => {
  server = await LocalServer.start({ OPENAI_COMPATIBLE_URL: `http://${world.host}/v1` });
  await server.deploy(blueprint(world.host), "agents");
  const response = await fetch(`${server.url}/e/agents/agent`, {
    method: "POST",
    headers: { ...server.headers, prefer: "respond-async", "content-type": "application/json" },
    body: "{}",
  });
  ({ run_id: run } = await response.json<{ run_id: string }>());
  await vi.waitFor(() => expect(models.asked).toHaveLength(3), { timeout: 30_000 });
  await server.kill();
});

afterAll(async () => {
  await server?.stop();
  world.stop();
});

const read = () => server.run<{ status: string; steps: { models?: unknown[] }[] }>(run);

it("an agent killed in turn 3 asks for turn 3 again, and pays for turns 1 and 2 once", async () => {
  await expect.poll(async () => (await read()).status, { timeout: 60_000 }).toBe("succeeded");
  // Turns 1 and 2, turn 3 before and after the kill, turn 4.
  const said = models.asked.map(({ body }) => (body["messages"] as { role: string }[]).length);
  expect(said).toEqual([2, 4, 6, 6, 8]);
  expect(recorded).toEqual([1, 2, 3]);
  expect((await read()).steps[1]?.models).toHaveLength(4);
});
