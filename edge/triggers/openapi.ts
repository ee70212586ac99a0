import type { LiveEndpoint } from "#edge/gateway/live-items";
import { callbackHeader } from "./callback.ts";
import type { EndpointPlace } from "./caller.ts";
import { failure, runLink, runPath } from "./openapi-run.ts";

const result = {
  type: "object",
  required: ["run_id", "status"],
  properties: {
    run_id: { type: "string" },
    status: { enum: ["succeeded", "running", "waiting", "cancelled", "failed"] },
    output: {},
    waits: { type: "array", description: "What it waits for.", items: { type: "object" } },
    url: { type: "string", description: "The trace: a page in a browser, JSON for a program." },
  },
};
const json = (schema: object, more: object = {}) => ({ "application/json": { schema, ...more } });

/** What is sent when a run ends, `../workflow/callback.ts`. */
const ended = {
  type: "object",
  required: ["type", "timestamp", "data"],
  properties: {
    type: { enum: ["run.succeeded", "run.failed", "run.cancelled"] },
    timestamp: { type: "string", format: "date-time" },
    data: {
      type: "object",
      required: ["run_id", "workflow", "status"],
      properties: {
        run_id: { type: "string" },
        workflow: { type: "string" },
        status: { enum: ["succeeded", "failed", "cancelled"] },
        output: {},
        output_omitted: { type: "boolean", description: "It is large: read it at the run." },
        error: { type: "object" },
        url: { type: "string", description: "Where the trace is." },
      },
    },
  },
};
const signed = ["id", "timestamp", "signature"].map((name) => ({
  name: `webhook-${name}`,
  in: "header",
  required: true,
  schema: { type: "string" },
}));

/** The operation that the receiver of callbacks offers, by where it is. */
function callbacksOf(callback: NonNullable<LiveEndpoint["callback"]>): object {
  const post = {
    description:
      "Signed as https://www.standardwebhooks.com says; `webhook-id` is the run's id. Repeated with growing pauses for a day and a half while the answer is 408, 425, 429 or 5xx, or there is none.",
    parameters: signed,
    requestBody: { required: true, content: json(ended) },
    responses: { "2XX": { description: "Received." } },
  };
  const given = `{$request.header.${callbackHeader}}`;
  return { ended: { [given]: { post }, ...(callback.url ? { [callback.url]: { post } } : {}) } };
}

/** OpenAPI 3.1 of one endpoint, whose request body is the workflow's input schema. */
export function describeEndpoint(
  baseUrl: string,
  { slug, name, opened: { endpoint } }: EndpointPlace,
  input: Record<string, unknown>,
): object {
  const callback = endpoint?.callback;
  return {
    openapi: "3.1.0",
    info: { title: `${slug}/${name}`, description: endpoint?.description ?? "", version: "1" },
    servers: [{ url: baseUrl }],
    ...(endpoint?.auth === "public" ? {} : { security: [{ token: [] }] }),
    components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
    paths: {
      [`/e/${slug}/${name}`]: {
        post: {
          operationId: name.replaceAll("-", "_"),
          parameters: [
            { name: "Idempotency-Key", in: "header", schema: { type: "string", maxLength: 255 } },
            { name: "Prefer", in: "header", schema: { type: "string" }, example: "respond-async" },
            ...(callback
              ? [{ name: callbackHeader, in: "header", schema: { type: "string", format: "uri" } }]
              : []),
          ],
          ...(callback ? { callbacks: callbacksOf(callback) } : {}),
          requestBody: { required: true, content: json(input, exampleOf(input)) },
          responses: {
            "200": {
              description: "The workflow's output.",
              content: { ...json(result), "text/event-stream": { schema: { type: "string" } } },
              links: runLink,
            },
            "202": {
              description: "Still running, or waiting: ask for the run until it has ended.",
              headers: { Location: { description: "The run.", schema: { type: "string" } } },
              content: json(result),
              links: runLink,
            },
            default: { description: "It failed.", content: json(failure) },
          },
        },
      },
      ...runPath,
    },
  };
}

function exampleOf({ examples }: Record<string, unknown>): object {
  const [example] = Array.isArray(examples) ? (examples as unknown[]) : [];
  return example === undefined ? {} : { example };
}
