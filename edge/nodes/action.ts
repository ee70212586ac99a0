import { z } from "zod";
import { defineNode } from "#blueprints/node";
import type { NodeContext } from "#blueprints/node-context";
import { hostOf, readBody, unexpectedAnswer } from "./support/http.ts";

const request = z.strictObject({
  method: z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]).default("GET"),
  url: z
    .string()
    .min(1)
    .describe("Absolute; its host must be in `egress`, or be written out here."),
  headers: z
    .record(z.string(), z.string())
    .default({})
    .describe("`Bearer {{ secrets.NAME }}` sends a secret without showing it to anyone."),
  query: z.record(z.string(), z.unknown()).default({}).describe("Appended to the URL, encoded."),
  body: z
    .unknown()
    .optional()
    .describe("Objects and arrays are sent as JSON, strings as they are."),
  expect: z
    .strictObject({ status: z.array(z.int().min(100).max(599)).min(1) })
    .optional()
    .describe("Statuses that count as success; absent: 200 to 299."),
  effect: z
    .enum(["read", "idempotent", "external"])
    .optional()
    .describe("Set `idempotent` when the server honours our Idempotency-Key header."),
});
const set = z.strictObject({
  set: z.strictObject({
    name: z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, "lower case letters, digits and _"),
    value: z.unknown().describe("Later steps read it as `vars.<name>`."),
  }),
});
const emit = z.strictObject({
  emit: z.strictObject({
    type: z.string().min(1).max(60).describe("Name of the event in the run's stream."),
    data: z.unknown().optional(),
  }),
});
const config = z.union([request, set, emit]);
type Request = z.infer<typeof request>;

const output = z.object({
  status: z.number().optional().describe("HTTP status."),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.unknown().optional().describe("Parsed where the answer is JSON, else text."),
  name: z.string().optional(),
  value: z.unknown().optional(),
  type: z.string().optional(),
  data: z.unknown().optional(),
});

const effectOf = { GET: "read", HEAD: "read", PUT: "idempotent", DELETE: "idempotent" } as const;

async function send(context: NodeContext, wanted: Request) {
  const url = new URL(wanted.url);
  for (const [name, value] of Object.entries(wanted.query)) {
    url.searchParams.set(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  const headers = new Headers(wanted.headers);
  if (!headers.has("idempotency-key")) headers.set("idempotency-key", context.step.idempotencyKey);
  const isText = typeof wanted.body === "string";
  if (wanted.body !== undefined && !headers.has("content-type")) {
    headers.set("content-type", isText ? "text/plain; charset=utf-8" : "application/json");
  }
  const response = await context.fetch(url.href, {
    method: wanted.method,
    headers,
    ...(wanted.body === undefined
      ? {}
      : { body: isText ? (wanted.body as string) : JSON.stringify(wanted.body) }),
  });
  const body = await readBody(response);
  const accepted = wanted.expect?.status.includes(response.status) ?? response.ok;
  if (!accepted) throw unexpectedAnswer(url.host, response, body, context.now());
  return { status: response.status, headers: Object.fromEntries(response.headers), body };
}

/** An HTTP request, or one of the built-ins that need no server. */
export const action = defineNode({
  type: "action",
  title: "Action",
  summary: "Sends an HTTP request, sets a variable or emits an event.",
  description:
    "One of three. `{method, url, headers, query, body}` sends an HTTP request: output `status`, " +
    "`headers`, `body`; statuses outside 200 to 299 (or `expect.status`) fail the step, and 408, 425, " +
    "429 and 5xx are retried as the node's `retry` says, honouring Retry-After. `{set: {name, value}}` " +
    "sets `vars.<name>` for later steps. `{emit: {type, data}}` sends an event to whoever streams the " +
    "run. Every attempt of a request carries the same Idempotency-Key.",
  config,
  output,
  ports: () => ["next"],
  effect: (wanted) => {
    if (!("url" in wanted)) return "pure";
    return (
      wanted.effect ??
      (effectOf as Record<string, "read" | "idempotent">)[wanted.method] ??
      "external"
    );
  },
  requires: (wanted) => {
    const host = "url" in wanted ? hostOf(wanted.url) : undefined;
    return host === undefined ? {} : { hosts: [host] };
  },
  examples: [
    {
      title: "Create a ticket",
      config: {
        method: "POST",
        url: "https://tracker.example.com/tickets",
        headers: { authorization: "Bearer {{ secrets.TRACKER_TOKEN }}" },
        query: {},
        body: { title: "{{ input.title }}" },
      },
      input: { title: "It is down" },
      expect: { port: "next", output: { status: 200 } },
    },
    {
      title: "Remember a value",
      config: { set: { name: "total", value: "{{ input.price * 2.0 }}" } },
      input: { price: 10.5 },
      expect: { port: "next", output: { name: "total", value: 21 } },
    },
    {
      title: "Tell whoever watches",
      config: { emit: { type: "progress", data: { done: 1 } } },
      expect: { port: "next", output: { type: "progress", data: { done: 1 } } },
    },
  ],
  async run(context, wanted) {
    if ("set" in wanted) {
      context.setVariable(wanted.set.name, wanted.set.value);
      return { output: wanted.set };
    }
    if ("emit" in wanted) {
      context.emit({ type: wanted.emit.type, data: wanted.emit.data });
      return { output: wanted.emit };
    }
    return { output: await send(context, wanted) };
  },
});
