import { readFileSync } from "node:fs";
import path from "node:path";
import { Validator } from "@cfworker/json-schema";
import { expect, it } from "vitest";
import { checkBlueprint } from "./check.ts";
import { catalogueFixture } from "./check.fixture.ts";
import { blueprintJsonSchema } from "./json-schema.ts";
import { library } from "./library/index.ts";

const readme = readFileSync(path.join(import.meta.dirname, "README.md"), "utf8");
const example = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)?.[1] ?? "") as unknown;

it("the example of the README has nothing wrong with it", () => {
  expect(checkBlueprint(example, catalogueFixture).issues).toEqual([]);
});

it("the JSON Schema takes what the check takes and refuses unknown fields", () => {
  const validator = new Validator(blueprintJsonSchema(), "2020-12");
  for (const blueprint of [example, ...Object.values(library)]) {
    expect(validator.validate(blueprint).errors).toEqual([]);
  }
  expect(validator.validate({ name: "a", workflow: [] }).valid).toBe(false);
  expect(validator.validate({ workflows: [] }).valid).toBe(false);
});
