import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BlueprintInput } from "./blueprint.ts";
import { checkBlueprint } from "./check.ts";
import { catalogueFixture } from "./check.fixture.ts";

const good = {
  name: "lead-scorer",
  functions: [
    {
      name: "score_lead",
      code: "export default (input) => ({ score: 80, tier: 'hot' });",
      input: { type: "object", properties: { email: { type: "string" } }, required: ["email"] },
      output: {
        type: "object",
        properties: { score: { type: "number" }, tier: { type: "string" } },
        required: ["score", "tier"],
        additionalProperties: false,
      },
    },
  ],
  workflows: [
    {
      name: "score",
      input: { type: "object", properties: { email: { type: "string" } }, required: ["email"] },
      nodes: [
        { id: "start", type: "trigger", config: { source: "endpoint" } },
        {
          id: "score",
          type: "call_function",
          config: { function: "score_lead", input: { email: "{{ input.email }}" } },
        },
        {
          id: "hot",
          type: "logic",
          config: { cases: [{ port: "yes", when: "steps.score.output.score >= 70" }] },
        },
        {
          id: "notify",
          type: "send_message",
          config: {
            channel: "slack",
            webhook: "SLACK_WEBHOOK_URL",
            text: "{{ input.email }}: {{ steps.score.output.tier }}",
          },
        },
      ],
      edges: [
        { from: "start", to: "score" },
        { from: "score", to: "hot" },
        { from: "hot", port: "yes", to: "notify" },
      ],
      output: { score: "{{ steps.score.output.score }}", notified: "{{ has(steps.notify) }}" },
    },
  ],
  endpoints: [{ name: "leads", workflow: "score" }],
  schedules: [{ name: "daily", workflow: "score", cron: "0 9 * * 1-5", timezone: "Europe/Berlin" }],
  secrets: [{ name: "SLACK_WEBHOOK_URL", purpose: "Posts into #sales", kind: "url" }],
  tests: [
    {
      name: "hot lead",
      target: { kind: "workflow", name: "score" },
      input: { email: "a@example.com" },
      expect: { visited: ["notify"] },
    },
  ],
} satisfies BlueprintInput;

/** The good blueprint with one thing changed, as JSON would carry it. */
function changed(change: (blueprint: typeof good) => void): unknown {
  const copy = structuredClone(good);
  change(copy);
  return copy;
}
const issuesOf = (input: unknown) => checkBlueprint(input, catalogueFixture).issues;
const node = (blueprint: typeof good, index: number) => blueprint.workflows[0]!.nodes[index]!;
const set = (target: object, values: object): void => void Object.assign(target, values);

it("finds nothing wrong with a good blueprint", () => {
  const { blueprint, issues } = checkBlueprint(good, catalogueFixture);
  expect(issues).toEqual([]);
  expect(blueprint?.endpoints[0]?.auth).toBe("token");
});

describe("says what is wrong, where, and what to do", () => {
  const cases: [string, string, RegExp, (blueprint: typeof good) => void][] = [
    ["blueprint.unknown-field", "workflow", /workflows/, (b) => set(b, { workflow: [] })],
    [
      "blueprint.missing-field",
      "workflows[0].nodes[0].id",
      /Add/,
      (b) => set(node(b, 0), { id: undefined }),
    ],
    ["blueprint.wrong-type", "workflows", /array/, (b) => set(b, { workflows: {} })],
    [
      "blueprint.invalid-value",
      "endpoints[0].auth",
      /token/,
      (b) => set(b.endpoints[0]!, { auth: "tokn" }),
    ],
    ["blueprint.invalid-value", "name", /lower case/, (b) => set(b, { name: "Lead Scorer" })],
    [
      "blueprint.duplicate-name",
      "functions[1]",
      /Rename/,
      (b) => b.functions.push(b.functions[0]!),
    ],
    [
      "blueprint.duplicate-name",
      "workflows[0].nodes[4]",
      /Rename/,
      (b) => b.workflows[0]!.nodes.push(node(b, 3)),
    ],
    [
      "workflow.unknown-node",
      "workflows[0].nodes[3].type",
      /send_message/,
      (b) => set(node(b, 3), { type: "send_mesage" }),
    ],
    [
      "workflow.invalid-config",
      "workflows[0].nodes[3].config.chanel",
      /channel/,
      (b) => set(node(b, 3).config, { chanel: "x" }),
    ],
    [
      "workflow.invalid-config",
      "workflows[0].nodes[3].config.channel",
      /"slack"/,
      (b) => set(node(b, 3).config, { channel: "slak" }),
    ],
    [
      "workflow.invalid-config",
      "workflows[0].nodes[1].config.function",
      /Add/,
      (b) => set(node(b, 1), { config: {} }),
    ],
    [
      "workflow.no-trigger",
      "workflows[0].nodes",
      /trigger/,
      (b) => set(node(b, 0), { type: "code_block", config: { code: "x" } }),
    ],
    [
      "workflow.several-triggers",
      "workflows[0].nodes[4]",
      /Remove/,
      (b) => b.workflows[0]!.nodes.push({ ...node(b, 0), id: "again" }),
    ],
    [
      "workflow.unknown-edge-end",
      "workflows[0].edges[0].to",
      /"score"/,
      (b) => set(b.workflows[0]!.edges[0]!, { to: "scor" }),
    ],
    [
      "workflow.unknown-port",
      "workflows[0].edges[2].port",
      /"yes"/,
      (b) => set(b.workflows[0]!.edges[2]!, { port: "yess" }),
    ],
    [
      "workflow.cycle",
      "workflows[0].edges",
      /Remove/,
      (b) => b.workflows[0]!.edges.push({ from: "notify", to: "score" }),
    ],
    [
      "workflow.unreachable",
      "workflows[0].nodes[3]",
      /Add an edge/,
      (b) => b.workflows[0]!.edges.pop(),
    ],
    [
      "workflow.edge-into-trigger",
      "workflows[0].edges[3].to",
      /first step/,
      (b) => b.workflows[0]!.edges.push({ from: "notify", to: "start" }),
    ],
    [
      "reference.unknown-function",
      "workflows[0].nodes[1].config",
      /"score_lead"/,
      (b) => set(node(b, 1).config, { function: "score_leads" }),
    ],
    [
      "reference.unknown-workflow",
      "endpoints[0].workflow",
      /"score"/,
      (b) => set(b.endpoints[0]!, { workflow: "scores" }),
    ],
    [
      "reference.unknown-mcp",
      "workflows[0].nodes[3].config",
      /mcps/,
      (b) => set(node(b, 3), { type: "mcp_tool", config: { tool: "crm__find" } }),
    ],
    [
      "resource.no-source",
      "functions[0]",
      /code/,
      (b) => set(b.functions[0]!, { code: undefined }),
    ],
    [
      "function.no-default-export",
      "functions[0].code",
      /export default/,
      (b) => set(b.functions[0]!, { code: "const a = 1" }),
    ],
    [
      "schema.foreign-reference",
      "functions[0].output.properties.a.$ref",
      /\$defs/,
      (b) => set(b.functions[0]!.output.properties, { a: { $ref: "https://example.com/s.json" } }),
    ],
    [
      "schema.invalid",
      "workflows[0].input.properties.email.type",
      /string/,
      (b) => set(b.workflows[0]!.input.properties.email, { type: "text" }),
    ],
    [
      "expression.syntax",
      "workflows[0].nodes[2].config.cases[0].when",
      /Write it like/,
      (b) =>
        set(node(b, 2).config, { cases: [{ port: "yes", when: "steps.score.output.score >=" }] }),
    ],
    [
      "expression.syntax",
      "workflows[0].nodes[2].config.cases[0].when",
      /braces/,
      (b) => set(node(b, 2).config, { cases: [{ port: "yes", when: "{{ input.email }}" }] }),
    ],
    [
      "template.unclosed",
      "workflows[0].nodes[3].config.text",
      /}}/,
      (b) => set(node(b, 3).config, { text: "{{ input.email" }),
    ],
    [
      "template.unknown-name",
      "workflows[0].nodes[3].config.text",
      /"input"/,
      (b) => set(node(b, 3).config, { text: "{{ inputs.email }}" }),
    ],
    [
      "template.unknown-step",
      "workflows[0].nodes[3].config.text",
      /"score"/,
      (b) => set(node(b, 3).config, { text: "{{ steps.scor.output.tier }}" }),
    ],
    [
      "template.step-not-before",
      "workflows[0].nodes[1].config.input.email",
      /edge/,
      (b) => set(node(b, 1).config, { input: { email: "{{ steps.notify.output.status }}" } }),
    ],
    [
      "template.unknown-field",
      "workflows[0].nodes[3].config.text",
      /output\.tier/,
      (b) => set(node(b, 3).config, { text: "{{ steps.score.tier }}" }),
    ],
    [
      "template.unknown-field",
      "workflows[0].output.score",
      /schema/,
      (b) => set(b.workflows[0]!.output, { score: "{{ steps.score.output.points }}" }),
    ],
    [
      "template.unknown-field",
      "workflows[0].output.score",
      /schema/,
      (b) => set(b.workflows[0]!.output, { score: "{{ steps.hot.output.port }}" }),
    ],
    [
      "template.step-may-be-skipped",
      "workflows[0].output.notified",
      /default/,
      (b) => set(b.workflows[0]!.output, { notified: "{{ steps.notify.output.status }}" }),
    ],
    [
      "template.field-may-be-missing",
      "workflows[0].nodes[3].config.text",
      /default/,
      (b) => set(node(b, 3).config, { text: "{{ input.company }}" }),
    ],
    [
      "secret.undeclared",
      "workflows[0].nodes[3].config",
      /SLACK_WEBHOOK_URL/,
      (b) => set(node(b, 3).config, { webhook: "SLACK_WEBHOOK" }),
    ],
    [
      "secret.undeclared",
      "workflows[0].nodes[3].config.text",
      /secret/,
      (b) => set(node(b, 3).config, { text: "{{ secrets.TOKEN }}" }),
    ],
    [
      "secret.host-not-allowed",
      "workflows[0].nodes[3].config",
      /api.telegram.org/,
      (b) => {
        set(node(b, 3), {
          config: { channel: "telegram", token: "SLACK_WEBHOOK_URL", chat: "1", text: "x" },
        });
        set(b.secrets[0]!, { kind: "token" });
      },
    ],
    [
      "secret.unused",
      "secrets[1]",
      /Remove/,
      (b) => b.secrets.push({ ...b.secrets[0]!, name: "OTHER" }),
    ],
    [
      "egress.host-not-listed",
      "workflows[0].nodes[3].config",
      /egress/,
      (b) => set(node(b, 3), { type: "action", config: { url: "https://api.example.com/x" } }),
    ],
    [
      "schedule.invalid-cron",
      "schedules[0].cron",
      /five fields/,
      (b) => set(b.schedules[0]!, { cron: "every day" }),
    ],
    [
      "schedule.invalid-cron",
      "schedules[0].cron",
      /five fields/,
      (b) => set(b.schedules[0]!, { cron: "0 0 31 2 *" }),
    ],
    [
      "schedule.unknown-timezone",
      "schedules[0].timezone",
      /IANA/,
      (b) => set(b.schedules[0]!, { timezone: "Berlin" }),
    ],
    [
      "webhook.no-secret",
      "webhooks[0].secret",
      /signing secret/,
      (b) => set(b, { webhooks: [{ name: "w", workflow: "score", sender: "stripe" }] }),
    ],
    [
      "test.unknown-target",
      "tests[0].target.name",
      /"score"/,
      (b) => set(b.tests[0]!.target, { name: "scores" }),
    ],
    [
      "test.unknown-node",
      "tests[0].expect.visited[0]",
      /"notify"/,
      (b) => set(b.tests[0]!.expect, { visited: ["notfy"] }),
    ],
    ["test.expects-nothing", "tests[0].expect", /Expect/, (b) => set(b.tests[0]!, { expect: {} })],
  ];
  it.each(cases)("%s at %s", (code, path, fix, change) => {
    const found = issuesOf(changed(change));
    expect(found).toContainEqual(
      expect.objectContaining({ code, path, fix: expect.stringMatching(fix) as string }),
    );
  });
});

/** Notifies with a tool instead of a message. */
const tool = (name: string) => (b: typeof good) => {
  set(node(b, 3), { type: "mcp_tool", config: { tool: name } });
  set(b, { mcps: [{ name: "crm", url: "https://crm.example.com/mcp", tools: ["find"] }] });
  b.secrets.length = 0;
};

describe("lets good things pass", () => {
  it("takes a template for any value of a config", () => {
    const blueprint = changed((b) =>
      set(node(b, 3).config, { text: "{{ input.email }}", channel: "slack" }),
    );
    expect(issuesOf(blueprint)).toEqual([]);
    const method = {
      type: "action",
      config: { method: "{{ input.email }}", url: "https://{{ input.email }}/" },
    };
    expect(issuesOf(changed((b) => set(node(b, 3), method))).map(({ code }) => code)).toEqual([
      "secret.unused",
    ]);
  });

  it("knows what the marketplace and the workspace have", () => {
    const registry = changed((b) =>
      set(node(b, 1).config, { function: "@first/lead-scorer@1.0.0" }),
    );
    expect(issuesOf(registry)).toEqual([]);
    const own = changed((b) => set(node(b, 1).config, { function: "existing" }));
    expect(checkBlueprint(own, catalogueFixture, { functions: ["existing"] }).issues).toEqual([]);
  });

  it("takes functions as tools of the workspace, and knows the tools of a server", () => {
    expect(issuesOf(changed(tool("fn__score_lead")))).toEqual([]);
    expect(issuesOf(changed(tool("crm__find")))).toEqual([]);
    expect(issuesOf(changed(tool("crm__fnd")))[0]).toMatchObject({
      code: "reference.unknown-tool",
    });
    expect(issuesOf(changed(tool("fn__nothing")))[0]?.code).toBe("reference.unknown-function");
  });

  it("does not warn about a step that two parallel ways lead past", () => {
    const blueprint = changed((b) => {
      const flow = b.workflows[0]!;
      flow.nodes.splice(
        2,
        2,
        { id: "other", type: "code_block", config: { code: "x" } } as never,
        {
          id: "join",
          type: "code_block",
          config: {
            code: "x",
            input: ["{{ steps.score.output.tier }}", "{{ steps.other.output }}"],
          },
        } as never,
      );
      flow.edges.splice(
        1,
        2,
        { from: "start", to: "other" },
        { from: "score", to: "join" },
        { from: "other", to: "join" },
      );
      set(flow.output, { notified: true });
      b.tests.length = 0;
      b.secrets.length = 0;
    });
    expect(issuesOf(blueprint)).toEqual([]);
  });
});

const deep = (levels: number) =>
  Array.from({ length: levels }).reduce<unknown>((inner) => [inner], 1);

describe("hostile input", () => {
  it.each([
    ["a deep document", "blueprint.too-deep", { name: "a", workflows: deep(50_000) }],
    ["a long text", "blueprint.too-large", { name: "a", description: "x".repeat(2_000_000) }],
    [
      "many values",
      "blueprint.too-large",
      { name: "a", tests: Array.from({ length: 60_000 }, () => 0) },
    ],
    ["a function", "blueprint.not-json", { name: "a", tests: () => 1 }],
    ["nothing", "blueprint.wrong-type", null],
  ])("%s is refused at once", (_, code, input) => {
    expect(issuesOf(input)).toEqual([expect.objectContaining({ code })]);
  });

  it("reports at most a hundred issues", () => {
    const edges = Array.from({ length: 1000 }, (_, index) => ({
      from: `a${index}`,
      to: `b${index}`,
    }));
    expect(issuesOf(changed((b) => set(b.workflows[0]!, { edges })))).toHaveLength(100);
    const unknown = Object.fromEntries(edges.map(({ from }) => [from, 1]));
    expect(issuesOf({ ...good, ...unknown }).length).toBeLessThanOrEqual(100);
  });

  it("never throws, whatever the JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (input) => {
        for (const { path, fix } of issuesOf(input))
          expect([typeof path, fix.length > 0]).toEqual(["string", true]);
      }),
      { numRuns: 150 },
    );
  });

  it("never throws, whichever part of a good blueprint is replaced by whatever JSON", () => {
    const paths: PropertyKey[][] = [];
    const list = (value: unknown, path: PropertyKey[]): void => {
      paths.push(path);
      if (typeof value !== "object" || value === null) return;
      for (const key of Object.keys(value))
        list((value as Record<string, unknown>)[key], [...path, key]);
    };
    list(good, []);
    const odd = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.constantFrom(
        "__proto__",
        "constructor",
        "{{",
        "{{ }}",
        "@a/b@1.0.0",
        "toString",
        "{{ steps.constructor.output.x }}",
      ),
    );
    fc.assert(
      fc.property(fc.constantFrom(...paths.slice(1)), odd, (path, value) => {
        const copy = structuredClone(good) as unknown as Record<PropertyKey, unknown>;
        const holder = path.slice(0, -1).reduce((at, key) => at[key] as typeof at, copy);
        holder[path.at(-1)!] = value;
        for (const issue of issuesOf(copy)) expect(issue.code).toMatch(/^[a-z]+\.[a-z-]+$/);
      }),
      { numRuns: 300 },
    );
  });
});
