import { z } from "zod";
import type { NodeCatalogue } from "./catalogue.ts";
import { defineNode } from "./node.ts";

/** A small catalogue in the shape of the real one, so that the checks are tested without it. */
const secretName = z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/);
const run = () => Promise.reject(new Error("checks never run a node"));
const prose = { title: "", summary: "", description: "", examples: [], run };

export const catalogueFixture: NodeCatalogue = {
  trigger: defineNode({
    ...prose,
    type: "trigger",
    config: z.strictObject({
      source: z.enum(["manual", "endpoint", "webhook", "schedule", "bot"]).default("manual"),
    }),
    output: z.unknown(),
    ports: () => ["next"],
    effect: () => "pure",
  }),
  logic: defineNode({
    ...prose,
    type: "logic",
    config: z.strictObject({
      cases: z.array(z.strictObject({ port: z.string().min(1), when: z.string().min(1) })).min(1),
    }),
    output: z.object({ matched: z.string() }),
    verbatim: ["cases"],
    ports: ({ cases }) => [...cases.map(({ port }) => port), "else"],
    effect: () => "pure",
    requires: ({ cases }) => ({
      expressions: cases.map(({ when }, index) => ({ path: `cases[${index}].when`, source: when })),
    }),
  }),
  call_function: defineNode({
    ...prose,
    type: "call_function",
    config: z.strictObject({ function: z.string().min(1), input: z.unknown().optional() }),
    output: z.unknown(),
    ports: () => ["next"],
    effect: () => "external",
    requires: (config) => ({ functions: [config.function] }),
  }),
  code_block: defineNode({
    ...prose,
    type: "code_block",
    config: z.strictObject({ code: z.string().min(1), input: z.unknown().optional() }),
    output: z.unknown(),
    verbatim: ["code"],
    ports: () => ["next"],
    effect: () => "pure",
  }),
  action: defineNode({
    ...prose,
    type: "action",
    config: z.union([
      z.strictObject({
        method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]).default("GET"),
        url: z.string().min(1),
        headers: z.record(z.string(), z.string()).default({}),
        query: z.record(z.string(), z.unknown()).default({}),
        body: z.unknown().optional(),
        expect: z.strictObject({ status: z.array(z.int()).min(1) }).optional(),
        effect: z.enum(["read", "idempotent", "external"]).optional(),
      }),
      z.strictObject({ set: z.strictObject({ name: z.string(), value: z.unknown() }) }),
    ]),
    output: z.object({
      status: z.number().optional(),
      headers: z.record(z.string(), z.string()).optional(),
      body: z.unknown().optional(),
    }),
    ports: () => ["next"],
    effect: () => "external",
    requires: (config) => {
      const host = "url" in config ? /^https?:\/\/([^/?#{}]+)/.exec(config.url)?.[1] : undefined;
      return host === undefined ? {} : { hosts: [host] };
    },
  }),
  mcp_tool: defineNode({
    ...prose,
    type: "mcp_tool",
    config: z.strictObject({
      tool: z.string().min(1),
      arguments: z.record(z.string(), z.unknown()).default({}),
      effect: z.enum(["pure", "read", "idempotent", "external"]).default("external"),
    }),
    output: z.object({
      text: z.string(),
      structured: z.unknown().optional(),
      content: z.array(z.unknown()),
    }),
    ports: () => ["next"],
    effect: ({ effect }) => effect,
    requires: ({ tool }) => ({ tools: [tool] }),
  }),
  send_message: defineNode({
    ...prose,
    type: "send_message",
    config: z.discriminatedUnion("channel", [
      z.strictObject({
        channel: z.literal("slack"),
        webhook: secretName,
        text: z.string().min(1).max(40_000),
      }),
      z.strictObject({
        channel: z.literal("discord"),
        webhook: secretName,
        text: z.string().min(1),
      }),
      z.strictObject({
        channel: z.literal("webhook"),
        webhook: secretName,
        text: z.string().min(1),
        data: z.unknown().optional(),
      }),
      z.strictObject({
        channel: z.literal("telegram"),
        token: secretName,
        chat: z.string(),
        text: z.string(),
      }),
      z.strictObject({
        channel: z.literal("email"),
        token: secretName,
        from: z.string(),
        to: z.string(),
        subject: z.string().max(300),
        text: z.string(),
      }),
    ]),
    output: z.object({
      channel: z.string(),
      status: z.number(),
      message_id: z.string().optional(),
    }),
    ports: () => ["next"],
    effect: () => "external",
    requires: (config) =>
      "webhook" in config
        ? { secrets: [config.webhook] }
        : {
            secrets: [config.token],
            hosts: [config.channel === "email" ? "api.resend.com" : "api.telegram.org"],
          },
  }),
};
