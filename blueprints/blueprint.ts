import { z } from "zod";

/**
 * The document that an agent plans, checks, creates and deploys. Version 1; strict. Fields that end in
 * `_ms` are milliseconds. `.describe()` is served to agents; keep it prose.
 */

const name = z
  .string()
  .regex(
    /^[a-z][a-z0-9_-]{0,39}$/,
    "lower case letters, digits, _ and -, starting with a letter, at most 40",
  )
  .describe("Unique among its kind in the workspace.");
const description = z
  .string()
  .max(1000)
  .describe("What it does, for agents that choose among tools.");
const jsonSchema = z
  .record(z.string(), z.unknown())
  .describe("JSON Schema 2020-12; references must be local.");
export const host = z
  .string()
  .regex(
    /^(\*\.)?[a-z0-9.-]+(:\d{1,5})?$/,
    "a host name such as api.example.com, optionally with a port",
  )
  .describe("A host that outgoing requests may reach; `*.example.com` for its subdomains.");
const secretName = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{0,63}$/, "upper case letters, digits and _, starting with a letter")
  .describe("Name of a workspace secret; values never stand in a blueprint.");

/** `@user/name@1.2.3`: an entry of the marketplace, pinned. */
export const registryReference = z
  .string()
  .regex(
    /^@[a-z0-9][a-z0-9-]{0,38}\/[a-z0-9][a-z0-9-]{0,62}@\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/,
    "@user/name@1.2.3",
  );

/** A credential that a person enters; its value never stands in a blueprint. */
export const secretSchema = z.strictObject({
  name: secretName,
  purpose: z.string().max(300).describe("Shown to the person who enters it."),
  kind: z
    .enum(["token", "url"])
    .default("token")
    .describe("`url`: the value is a whole URL, such as an incoming webhook."),
  hosts: z
    .array(host)
    .default([])
    .describe("Hosts that may receive it; a `url` secret is bound to its own host."),
});

/** Code with typed input and output; a tool of the workspace. */
export const functionSchema = z.strictObject({
  name,
  description: description.default(""),
  use: registryReference
    .optional()
    .describe("Take code and schemas from the marketplace instead of writing them."),
  code: z
    .string()
    .max(1_000_000)
    .optional()
    .describe("TypeScript module: `export default async function (input, context) { ... }`."),
  input: jsonSchema.default({ type: "object" }),
  output: jsonSchema.default({}),
  effect: z
    .enum(["pure", "read", "idempotent", "external"])
    .default("pure")
    .describe("What a call does outside; `external` must not simply be repeated."),
  egress: z.array(host).default([]),
  secrets: z.array(secretName).default([]),
  examples: z.array(z.strictObject({ input: z.unknown(), output: z.unknown() })).default([]),
});

/** Instructions for a model, with the functions that they use. */
export const skillSchema = z.strictObject({
  name,
  description: description.default(""),
  use: registryReference.optional(),
  instructions: z
    .string()
    .max(100_000)
    .optional()
    .describe("Markdown: how to do the job, step by step."),
  functions: z
    .array(z.string())
    .default([])
    .describe("Functions the skill may call, by name or reference."),
});

/** An MCP server of the workspace: elsewhere (`url`), hosted (`code`) or borrowed (`use`). */
export const mcpSchema = z.strictObject({
  name: name.describe("Alias: tools appear as `<alias>__<tool>`."),
  description: description.default(""),
  use: registryReference.optional().describe("A hosted server from the marketplace."),
  url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("An external server."),
  code: z
    .string()
    .max(1_000_000)
    .optional()
    .describe("A hosted server: TypeScript that default-exports `defineServer({...})`."),
  auth: z
    .discriminatedUnion("type", [
      z.strictObject({ type: z.literal("none") }),
      z.strictObject({
        type: z.literal("header"),
        header: z.string().default("Authorization"),
        value: z
          .string()
          .default("Bearer {{ secret }}")
          .describe("`{{ secret }}` stands for the value."),
        secret: secretName,
      }),
    ])
    .default({ type: "none" }),
  tools: z.array(z.string()).optional().describe("Allow list; absent: all."),
  egress: z.array(host).default([]),
  secrets: z.array(secretName).default([]),
});

/** How often a step is tried; waits grow by `factor` from `delay_ms` to `max_delay_ms`. */
export const retrySchema = z.strictObject({
  attempts: z.int().min(1).max(20).default(3),
  delay_ms: z.int().min(1).max(3_600_000).default(1000).describe("Before the second attempt."),
  factor: z.number().min(1).max(10).default(2),
  max_delay_ms: z.int().min(1).max(86_400_000).default(60_000),
});

/** One step of a workflow; the node type says what its `config` holds. */
export const nodeSchema = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, "lower case letters, digits and _"),
  type: z.string().describe("One of aerostack://node-types."),
  title: z.string().max(80).optional(),
  config: z.record(z.string(), z.unknown()).default({}),
  retry: retrySchema.optional(),
  timeout_ms: z.int().min(1).max(900_000).optional().describe("Of one attempt."),
  on_uncertain: z
    .enum(["retry", "fail", "ask"])
    .optional()
    .describe("When a crash leaves open whether the step had its effect outside."),
});

/** From one step, left by `port`, to another. */
export const edgeSchema = z.strictObject({
  from: z.string(),
  port: z.string().default("next"),
  to: z.string(),
});

/** A durable run of steps; it has one step of type `trigger`, where it starts. */
export const workflowSchema = z.strictObject({
  name,
  description: description.default(""),
  input: jsonSchema.default({ type: "object" }),
  nodes: z.array(nodeSchema).min(1).max(200),
  edges: z.array(edgeSchema).max(1000).default([]),
  output: z
    .unknown()
    .optional()
    .describe("Template of the result; absent: the output of the last step."),
});

/** `POST /e/:workspace/:name` starts the workflow with the body as its input. */
export const endpointSchema = z.strictObject({
  name,
  workflow: z.string(),
  description: description.default(""),
  auth: z
    .enum(["token", "public"])
    .default("token")
    .describe("`token`: workspace token or account key."),
  callback: z
    .strictObject({
      secret: secretName.describe("Signs it, `whsec_...`; its `hosts` are all it may go to."),
      url: z
        .url({ protocol: /^https?$/ })
        .optional()
        .describe("Told of every run; a call may name another in `Aerostack-Callback`."),
    })
    .optional()
    .describe("A signed POST when a run ends (Standard Webhooks)."),
});

/** An address for a sender that signs its requests; each delivery starts the workflow once. */
export const webhookSchema = z.strictObject({
  name,
  workflow: z.string(),
  sender: z.enum(["stripe", "github", "standard", "hmac", "token"]).default("token"),
  secret: secretName.optional().describe("Signing secret; for `token` made by the platform."),
});

/** Starts the workflow at the times that `cron` names in `timezone`. */
export const scheduleSchema = z.strictObject({
  name,
  workflow: z.string(),
  cron: z.string().max(120).describe("Five or six fields."),
  timezone: z.string().max(64).default("UTC").describe("IANA name."),
  input: z.unknown().optional(),
  missed: z
    .enum(["once", "skip", "all"])
    .default("once")
    .describe("Times that passed while the platform was down; `all` catches up on at most 100."),
  overlap: z
    .enum(["allow", "skip", "queue", "replace"])
    .default("allow")
    .describe("When the run before is not over: start too, leave out, wait for it, or cancel it."),
});

/** A conversation on messaging platforms. */
export const botSchema = z.strictObject({
  name,
  description: description.default(""),
  workflow: z
    .string()
    .optional()
    .describe('Runs for every message; its trigger has `"source": "bot"`.'),
  platforms: z.array(z.enum(["slack", "discord", "telegram", "whatsapp"])).default([]),
  secrets: z
    .record(secretName, secretName)
    .optional()
    .describe("Other names for the platforms' secrets, by their usual name."),
  instructions: z.string().max(20_000).default(""),
});

/** Bots that hand work to each other. */
export const teamSchema = z.strictObject({
  name,
  description: description.default(""),
  bots: z.array(z.string()).min(1),
});

/** Given a stimulus, expect an outcome. Effects are captured, never performed. */
export const testSchema = z.strictObject({
  name: z.string().min(1).max(120),
  target: z.strictObject({
    kind: z.enum(["workflow", "function", "mcp"]),
    name: z.string(),
    tool: z.string().optional(),
  }),
  input: z.unknown(),
  stubs: z
    .array(
      z.strictObject({
        match: z.string().describe("Node id, host, or tool name whose outside call this answers."),
        status: z.int().default(200),
        body: z.unknown().optional(),
      }),
    )
    .default([]),
  expect: z.strictObject({
    output: z.unknown().optional().describe("Every field named here is equal in the result."),
    visited: z.array(z.string()).optional().describe("Node ids that must have run."),
    not_visited: z.array(z.string()).optional(),
    effects: z
      .array(z.strictObject({ node: z.string(), contains: z.string().optional() }))
      .optional()
      .describe("Outside calls that must have been made, in order."),
    no_effects: z.boolean().optional(),
    error: z.string().optional().describe("The error code that must come."),
  }),
});

/** The whole document; only `name` is required. */
export const blueprintSchema = z.strictObject({
  aerostack: z.literal("v1").default("v1"),
  name,
  description: description.default(""),
  workspace: name.optional(),
  mcps: z.array(mcpSchema).default([]),
  functions: z.array(functionSchema).default([]),
  skills: z.array(skillSchema).default([]),
  workflows: z.array(workflowSchema).default([]),
  bots: z.array(botSchema).default([]),
  teams: z.array(teamSchema).default([]),
  endpoints: z.array(endpointSchema).default([]),
  webhooks: z.array(webhookSchema).default([]),
  schedules: z.array(scheduleSchema).default([]),
  secrets: z.array(secretSchema).default([]),
  egress: z.array(host).default([]),
  tests: z.array(testSchema).default([]),
});

export type Blueprint = z.infer<typeof blueprintSchema>;
/** As a person or agent writes it: everything but `name` optional. */
export type BlueprintInput = z.input<typeof blueprintSchema>;
export type Workflow = z.infer<typeof workflowSchema>;
export type WorkflowNode = z.infer<typeof nodeSchema>;
export type WorkflowEdge = z.infer<typeof edgeSchema>;
export type FunctionResource = z.infer<typeof functionSchema>;
export type McpResource = z.infer<typeof mcpSchema>;
export type SkillResource = z.infer<typeof skillSchema>;
export type SecretDeclaration = z.infer<typeof secretSchema>;
export type BlueprintTest = z.infer<typeof testSchema>;
export type Bot = z.infer<typeof botSchema>;
export type RetryPolicy = z.infer<typeof retrySchema>;

/** The kinds of blueprint items that become versioned resources, by their list's name. */
export const resourceKinds = {
  mcp: "mcps",
  function: "functions",
  skill: "skills",
  workflow: "workflows",
  bot: "bots",
  team: "teams",
  endpoint: "endpoints",
  webhook: "webhooks",
  schedule: "schedules",
} as const satisfies Record<string, keyof Blueprint>;
/** One of them, as it stands in ids, answers and arguments. */
export type ResourceKind = keyof typeof resourceKinds;
