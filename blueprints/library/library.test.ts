import { readdirSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { describe, expect, it } from "vitest";
import { checkBlueprint } from "../check.ts";
import { catalogueFixture } from "../check.fixture.ts";
import { library } from "./index.ts";

it("lists every file of the folder under its name", () => {
  const files = readdirSync(import.meta.dirname).filter((file) => !/index|test/.test(file));
  expect(Object.keys(library).sort()).toEqual(files.map((file) => file.replace(".ts", "")).sort());
});

/** The default export of a function's code. */
async function load(code: string): Promise<(input: unknown) => unknown> {
  const url = `data:text/javascript,${encodeURIComponent(stripTypeScriptTypes(code))}`;
  const module = (await import(/* @vite-ignore */ url)) as { default: (input: unknown) => unknown };
  return module.default;
}

describe.each(Object.entries(library))("%s", (name, input) => {
  const { blueprint, issues } = checkBlueprint(input, catalogueFixture);

  it("has nothing wrong with it", () => {
    expect(issues).toEqual([]);
    expect(blueprint?.name).toBe(name);
  });

  it("tests what should happen and what should not", () => {
    const tests = blueprint?.tests ?? [];
    expect(tests.length).toBeGreaterThanOrEqual(2);
    const sources = [...(blueprint?.functions ?? []), ...(blueprint?.workflows ?? [])];
    for (const test of tests) {
      if (test.target.kind === "mcp") continue;
      expect(sources.map((source) => source.name)).toContain(test.target.name);
    }
  });

  it("has functions whose own tests and examples hold", async () => {
    for (const { name: target, code = "", examples } of blueprint?.functions ?? []) {
      const run = await load(code);
      for (const example of examples) expect(await run(example.input)).toEqual(example.output);
      const tests = blueprint?.tests.filter((test) => test.target.kind === "function") ?? [];
      for (const test of tests.filter((one) => one.target.name === target)) {
        expect(await run(test.input)).toEqual(test.expect.output);
      }
    }
  });
});
