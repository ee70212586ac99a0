import { exports } from "cloudflare:workers";
import { Validator } from "@cfworker/json-schema";
import { afterEach, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { workflowSchema } from "#blueprints/blueprint";
import { place } from "#edge/gateway/gateway.fixture";
import { claude, serveModels } from "#edge/nodes/support/models.fixture";

afterEach(() => {
  vi.restoreAllMocks();
});

type Json = Record<string, unknown>;

interface Parameter {
  readonly name: string;
  readonly schema: Json;
}
interface Operation {
  readonly operationId: string;
  readonly security?: unknown;
  readonly parameters: Parameter[];
  readonly responses: Record<
    string,
    { content: Record<string, { schema: Json }>; links?: { run: { operationId: string } } }
  >;
}
interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
}

/** Has a step that fails once, calls of a model, steps within a step, and a person to wait for. */
const workflow = workflowSchema.parse({
  name: "asking",
  input: { type: "object" },
  nodes: [
    { id: "start", type: "trigger", config: { source: "endpoint" } },
    {
      id: "think",
      type: "llm_call",
      config: { model: claude, prompt: "How is it?" },
      retry: { attempts: 3, delay_ms: 1, factor: 1, max_delay_ms: 1 },
    },
    { id: "review", type: "human_review", config: { title: "Is it so?", timeout_minutes: 60 } },
  ],
  edges: [
    { from: "start", to: "think" },
    { from: "think", to: "review" },
  ],
});

function fetchFrom(path: string, method = "GET", headers: Record<string, string> = {}) {
  return exports.default.fetch(`https://aerostack.test${path}`, {
    method,
    headers: { "cf-connecting-ip": "203.0.113.61", ...headers },
    ...(method === "POST" ? { body: "{}" } : {}),
  });
}

async function askingPlace() {
  const where = await place();
  const live = { workflow, functions: {}, egress: [], secrets: [] };
  const endpoint = { workflow: "asking", description: "Asks.", auth: "public" } as const;
  unwrap(
    await where.stub.putLive([
      { kind: "workflow", name: "asking", version: 1, definition: live },
      { kind: "endpoint", name: "ask", version: 1, definition: endpoint },
    ]),
  );
  const authorised = { authorization: `Bearer ${where.ownerKey}` };
  const path = `/e/${where.identity.slug}/ask`;
  const document = await (await fetchFrom(`${path}/openapi.json`)).json<Document>();
  return { authorised, path, document };
}

/** Allows no field that it does not name. */
function closed(schema: unknown): Json {
  const close = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(close);
    if (typeof value !== "object" || value === null) return value;
    const inner = Object.entries(value).map(([key, one]) => [key, close(one)]);
    const isOpen = !("properties" in value && "type" in value);
    return { ...Object.fromEntries(inner), ...(isOpen ? {} : { additionalProperties: false }) };
  };
  return close(schema) as Json;
}

/** The operation that a document has for this path, asked for as it says. */
function operationOf({ paths }: Document, path: string, method: string): Operation {
  const operation = paths[path]?.[method];
  expect(operation).toBeDefined();
  return operation as Operation;
}

function problemsOf(operation: Operation, status: number, body: unknown) {
  const { responses } = operation;
  const response = responses[String(status)] ?? responses["default"];
  const schema = closed(response?.content["application/json"]?.schema);
  return new Validator(schema, "2020-12", false)
    .validate(body)
    .errors.map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`);
}

it("an endpoint's document says how its runs are read, and they are as it says", async () => {
  serveModels((_asked, index) =>
    index === 0
      ? { status: 503, headers: { "retry-after": "0" } }
      : { text: "Fine.", inputTokens: 1000, outputTokens: 200 },
  );
  const { authorised, path, document } = await askingPlace();
  const called = operationOf(document, path, "post");
  const answer = await fetchFrom(path, "POST");
  const started = await answer.json<{ run_id: string; url: string }>();
  expect(answer.status).toBe(202);
  expect(problemsOf(called, answer.status, started)).toEqual([]);
  const read = operationOf(document, "/runs/{id}", "get");
  expect(called.responses["202"]?.links?.run.operationId).toBe(read.operationId);
  // The endpoint is public; what happened in it is not.
  expect(read.security).toEqual([{ token: [] }]);
  expect((await fetchFrom(`/runs/${started.run_id}`)).status).toBe(401);

  const page = async (query = "") => {
    const url = `/runs/${started.run_id}${query}`;
    const response = await fetchFrom(url, "GET", authorised);
    const body = await response.json<Json & { steps: Json[] }>();
    expect(problemsOf(read, response.status, body)).toEqual([]);
    return body;
  };
  const whole = await page();
  expect(whole).toMatchObject({ status: "waiting", step_count: 3 });
  expect(whole.steps[1]).toMatchObject({ failures: [{}], models: [{}], substeps: [{}] });
  expect(whole.steps[2]).toMatchObject({ wait: { title: "Is it so?" } });
  expect(await page("?limit=2")).toMatchObject({ steps: [{}, {}], step_count: 3, next_after: 2 });
  expect(await page("?limit=2&after=2")).not.toHaveProperty("next_after");
  expect(await page("?limit=0")).toMatchObject({ error: { code: "run.bad-page" } });
});

it.each([
  ["after", "minimum", -1],
  ["limit", "minimum", -1],
  ["limit", "maximum", 1],
] as const)("what it says of %s (%s) holds, and no less", async (name, bound, beyond) => {
  serveModels(() => ({ text: "Fine." }));
  const { authorised, path, document } = await askingPlace();
  const answer = await fetchFrom(path, "POST");
  const { run_id: id } = await answer.json<{ run_id: string }>();
  const { parameters } = operationOf(document, "/runs/{id}", "get");
  const edge = Number(parameters.find((one) => one.name === name)?.schema[bound]);
  const statusAt = async (value: number) =>
    (await fetchFrom(`/runs/${id}?${name}=${value}`, "GET", authorised)).status;
  expect([await statusAt(edge), await statusAt(edge + beyond)]).toEqual([200, 400]);
});
