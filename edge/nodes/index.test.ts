import { env as testEnv } from "cloudflare:workers";
import { expect, it } from "vitest";
import { z } from "zod";
import { workflowSchema } from "#blueprints/blueprint";
import { unwrap } from "#blueprints/outcome";
import type { Env } from "#edge/env";
import { createId } from "#edge/id";
import { compile } from "#edge/isolates/bundle";
import { nodes } from "#edge/nodes/index";
import { channels } from "#edge/nodes/support/channels/index";
import { runStub, startRun } from "#edge/workflow/start";

const files = Object.keys(import.meta.glob(["./*.ts", "!./index.ts", "!./*.test.ts"]));
const channelFiles = Object.keys(import.meta.glob(["./support/channels/*.ts", "!**/index.ts"]));

it("has one file per node type, named as on the wire", () => {
  expect(files.map((file) => file.slice(2, -3)).toSorted()).toEqual(Object.keys(nodes).toSorted());
  for (const [name, node] of Object.entries(nodes)) expect(node.type).toBe(name);
});

it("has one file per channel, named as on the wire", () => {
  const names = channelFiles.map((file) => file.replace(/^.*\/|\.ts$/g, ""));
  expect(names.toSorted()).toEqual(Object.keys(channels).toSorted());
  for (const [name, channel] of Object.entries(channels)) expect(channel.name).toBe(name);
});

it.each(Object.values(nodes))("$type says what it takes and gives", (node) => {
  const schema = z.toJSONSchema(node.config, { io: "input" });
  expect(Object.keys(schema).length).toBeGreaterThan(1);
  expect(() => z.toJSONSchema(node.output)).not.toThrow();
  expect(node.description.length).toBeGreaterThan(80);
  expect(node.summary.endsWith(".")).toBe(true);
  expect(node.examples.length).toBeGreaterThan(0);
});

it.each(Object.values(nodes))("$type refuses a field that it does not know", (node) => {
  const example = node.examples[0]?.config as object;
  expect(node.config.safeParse(example).success).toBe(true);
  expect(node.config.safeParse({ ...example, surprise: 1 }).success).toBe(false);
});

it.each(Object.values(nodes))("$type leaves by a port that it declares", (node) => {
  for (const { config, expect: expected } of node.examples) {
    expect(node.ports(node.config.parse(config))).toContain(expected.port);
  }
});

const env = testEnv as unknown as Env;
const examples = Object.values(nodes).flatMap((node) =>
  node.examples.map((example) => ({ ...example, type: node.type })),
);

it.each(examples)(
  "$type runs its example: $title",
  async ({ type, config, input, stubs = [], around, expect: expected }) => {
    const code = await compile("export default ({ value }: { value: number }) => value * 2;");
    const secrets = ["TRACKER_TOKEN", "SLACK_WEBHOOK_URL", "RESEND_API_KEY"];
    const id = createId("run", Date.now());
    const double = { description: "", input: {}, output: {}, effect: "pure" as const, code };
    await startRun(env, {
      id,
      workspaceId: "wks_examples",
      name: "example",
      version: 1,
      document: {
        workflow: workflowSchema.parse({
          name: "example",
          nodes: [{ id: "step", type, config }, ...(around?.nodes ?? [])],
          edges: around?.edges ?? [],
        }),
        functions: { double: { ...double, egress: [], secrets: [] } },
        egress: [],
        secrets: secrets.map((name) => ({ name, purpose: "", kind: "token", hosts: [] })),
      },
      trigger: "test",
      input: input ?? {},
      mode: "test",
      stubs: stubs.map((stub) => ({ status: 200, ...stub })),
    });
    expect(unwrap(await runStub(env, id).result(10_000)).error).toBeUndefined();
    const { steps } = unwrap(await runStub(env, id).inspect());
    const step = steps.find((one) => one.id === "step");
    expect(step?.port).toBe(expected.port);
    if (expected.output === undefined) return;
    if (typeof expected.output === "object")
      expect(step?.output).toMatchObject(expected.output as object);
    else expect(step?.output).toBe(expected.output);
  },
);
