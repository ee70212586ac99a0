import { tracePage } from "#edge/workflow/trace-page";

type Schemas = Readonly<Record<string, object>>;

const text = { type: "string" };
const count = { type: "integer", minimum: 0 };
const named = (description: string) => ({ type: "string", description });
const listOf = (items: object) => ({ type: "array", items });

const isOptional = (name: string) => name.endsWith("?");

/** Fields whose name ends with `?` may be absent. */
function object(fields: Schemas, description?: string): object {
  const entries = Object.entries(fields);
  return {
    type: "object",
    ...(description === undefined ? {} : { description }),
    required: entries.flatMap(([name]) => (isOptional(name) ? [] : [name])),
    properties: Object.fromEntries(
      entries.map(([name, schema]) => [isOptional(name) ? name.slice(0, -1) : name, schema]),
    ),
  };
}

/** An error as every answer of the platform has it. */
export const problem = object({
  code: named("Stable, e.g. `input.invalid`."),
  message: text,
  "fix?": named("What to do about it."),
  "run_id?": text,
});
/** The body of an answer that is no success. */
export const failure = object({ error: problem });

const time = { type: "string", format: "date-time" };
const times = {
  started_at: time,
  "ended_at?": time,
  "duration_ms?": { type: "number", description: "Milliseconds." },
};
const reason = object({ code: text, message: text, "fix?": text, "step?": text });
const model = object({
  model: named("`provider:model`"),
  input_tokens: count,
  output_tokens: count,
  "cached_tokens?": count,
  "cost_usd?": { type: "number", description: "US dollars; absent: the price is not known." },
  "estimated?": {
    const: true,
    description: "The provider did not say all of it: counted by length.",
  },
  "started_at?": time,
  duration_ms: { type: "number" },
});
const wait = object(
  {
    "signal?": text,
    "signals?": listOf(text),
    "until?": { type: "number", description: "Milliseconds since 1970; `until_at` is the same." },
    "until_at?": time,
    "title?": text,
    "message?": text,
    "material?": {},
    "form?": { type: "object", description: "JSON Schema of the answer." },
    "reviewers?": listOf(text),
    "answered?": listOf(text),
    "isOpen?": { type: "boolean" },
    "link?": named("Where a person answers."),
    "child?": named("The run whose end it waits for."),
  },
  "What it waits for; only while it does.",
);
const substep = object({
  name: text,
  status: { enum: ["running", "waiting", "succeeded", "failed", "uncertain"] },
  "input?": {},
  "output?": {},
  "error?": reason,
  attempts: count,
  "models?": listOf(model),
  ...times,
});
const effect = object({
  kind: { enum: ["http", "tool", "function", "model", "run"] },
  target: text,
  "status?": { type: "integer" },
  "body?": {},
});
const step = object({
  id: named("Its path: `send`, or `each_item[3]/send` inside a scope."),
  node: text,
  type: text,
  status: { enum: ["running", "waiting", "succeeded", "failed", "cancelled", "uncertain"] },
  input: { description: "Its rendered config." },
  "output?": {},
  "port?": text,
  "error?": reason,
  attempts: count,
  "failures?": listOf(object({ "error?": reason, ...times })),
  logs: listOf(text),
  effects: listOf(effect),
  "models?": listOf(model),
  "substeps?": listOf(substep),
  "wait?": wait,
  "children?": listOf(object({ id: text, workflow: text, "detached?": { type: "boolean" } })),
  ...times,
});

/** As `../workflow/wire-trace.ts` writes it. */
const trace = object({
  run_id: text,
  workflow: text,
  version: count,
  trigger: text,
  mode: { enum: ["live", "test"] },
  status: { enum: ["running", "waiting", "succeeded", "failed", "cancelled"] },
  input: {},
  "output?": { description: "Once it succeeded: the workflow's output." },
  "error?": reason,
  "started_by?": text,
  "detached_from?": object({ run_id: text, "step?": text }),
  ...times,
  steps: listOf(step),
  step_count: { ...count, description: "Of the whole run; `steps` is a page of them." },
  "next_after?": { ...count, description: "`after` of the next page; absent: there is none yet." },
  diagram: named("Mermaid, with the taken path marked."),
});

const query = (name: string, schema: object, description: string) => ({
  name,
  in: "query",
  description,
  schema: { type: "integer", ...schema },
});

/** Where a run is read, which async callers ask until it has ended; only ever with a credential. */
export const runPath = {
  "/runs/{id}": {
    get: {
      // No endpoint has a capital in its name.
      operationId: "readRun",
      summary: "How a run stands, and its steps page by page.",
      security: [{ token: [] }],
      parameters: [
        { name: "id", in: "path", required: true, description: "`run_id`.", schema: text },
        query("after", { minimum: 0, default: 0 }, "`next_after` of the page before."),
        query(
          "limit",
          { minimum: 1, maximum: tracePage.steps, default: tracePage.steps },
          "Steps on a page; where they are large it has fewer.",
        ),
      ],
      responses: {
        "200": {
          description: "The trace.",
          content: { "application/json": { schema: trace } },
        },
        default: {
          description: "No such run or page, or not yours to read.",
          content: { "application/json": { schema: failure } },
        },
      },
    },
  },
};

/** From the answer of a call to its run. */
export const runLink = {
  run: { operationId: "readRun", parameters: { id: "$response.body#/run_id" } },
};
