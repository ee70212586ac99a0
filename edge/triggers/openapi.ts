import type { EndpointPlace } from "./caller.ts";

const error = {
  type: "object",
  required: ["error"],
  properties: {
    error: {
      type: "object",
      required: ["code", "message"],
      properties: {
        code: { type: "string" },
        message: { type: "string" },
        fix: { type: "string" },
        run_id: { type: "string" },
      },
    },
  },
};
const result = {
  type: "object",
  required: ["run_id", "status"],
  properties: {
    run_id: { type: "string" },
    status: { enum: ["succeeded", "running", "waiting", "cancelled", "failed"] },
    output: {},
    url: { type: "string", description: "The trace: a page in a browser, JSON for a program." },
  },
};
const json = (schema: object, more: object = {}) => ({ "application/json": { schema, ...more } });

/** OpenAPI 3.1 of one endpoint, whose request body is the workflow's input schema. */
export function describeEndpoint(
  baseUrl: string,
  { slug, name, opened: { endpoint } }: EndpointPlace,
  input: Record<string, unknown>,
): object {
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
          ],
          requestBody: { required: true, content: json(input, exampleOf(input)) },
          responses: {
            "200": {
              description: "The workflow's output.",
              content: { ...json(result), "text/event-stream": { schema: { type: "string" } } },
            },
            "202": { description: "Still running, or waiting.", content: json(result) },
            default: { description: "It failed.", content: json(error) },
          },
        },
      },
    },
  };
}

function exampleOf({ examples }: Record<string, unknown>): object {
  const [example] = Array.isArray(examples) ? (examples as unknown[]) : [];
  return example === undefined ? {} : { example };
}
