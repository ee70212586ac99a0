import { expect, it } from "vitest";
import { z } from "zod";
import { nodes } from "#edge/nodes/index";
import { channels } from "#edge/nodes/support/channels/index";

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
