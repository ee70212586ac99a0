import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AerostackError } from "./error.ts";
import { checkExpression, evaluateExpression } from "./expression.ts";

const scope = {
  input: {
    total: 150,
    tags: ["a", "b"],
    name: "Ann",
    vip: true,
    none: null,
    list: [3, 1, 2],
    "": 1,
  },
  steps: { score: { output: { score: 80, tier: "hot" } } },
  vars: {},
};
const run = (source: string) => evaluateExpression(source, scope);

describe("values", () => {
  it.each([
    ['input.total > 100 and not contains(input.tags, "test")', true],
    ["input.total + 1", 151],
    ["1 + input.total * 2", 301],
    ["7 / 2", 3.5],
    ["7 % 2", 1],
    ["-input.total", -150],
    ["size(input.tags) == 2", true],
    ["input.tags.size() + 0.5", 2.5],
    ["input.tags[0]", "a"],
    ['input["name"]', "Ann"],
    ['{"a": 1, "b": "x", "c": [1, "y", null]}', { a: 1, b: "x", c: [1, "y", null] }],
    ["{total: input.total}", { total: 150 }],
    ["input.?missing", null],
    ["input.?missing.deeper", null],
    ["input.?missing.orValue(3)", 3],
    ["default(input.missing.deeper, 4)", 4],
    ["default(input.none, 4)", 4],
    ["default(nowhere, 5)", 5],
    ["has(input.total)", true],
    ["has(input.missing.deeper)", false],
    ['input.vip ? 1 : "x"', 1],
    ['"a" + 1', "a1"],
    ["input.list.map(n, n * 2)", [6, 2, 4]],
    ["input.list.filter(n, n > 1)", [3, 2]],
    ["input.list.map(n, n > 1, n * 10)", [30, 20]],
    ["input.list.exists(n, n == 2) && input.list.all(n, n > 0)", true],
    ["input.list.exists_one(n, n > 2)", true],
    ["sort(input.list)", [1, 2, 3]],
    ["sum(input.list) + max(1, 5) - min(input.list)", 10],
    ["unique([1, 1, 2])", [1, 2]],
    ['join(input.tags, ", ")', "a, b"],
    ['upper(trim(" x ")) + lower("Y")', "Xy"],
    ["round(2.345, 2)", 2.35],
    ['json({"a": input.tags})', '{"a":["a","b"]}'],
    ['parseJson("{\\"a\\": 1}").a', 1],
    ['like("ann@acme.com", "*@acme.com")', true],
    ['like("ann@acme.co", "*@acme.com")', false],
    ['"and" == "and" or false', true],
    ['"a or b"', "a or b"],
    ["not input.total == 1", true],
    ["(not input.vip) or input.total > 1", true],
    ["not (input.vip and not true)", true],
    ['"b" in input.tags', true],
    ['"name" in input', true],
    ['1 == "1"', false],
    ["[1, 2] == [1, 2.0]", true],
    ["input.none == null", true],
    ['timestamp("1970-01-01T00:00:01Z")', 1000],
    ["isoTime(0)", "1970-01-01T00:00:00.000Z"],
  ])("%s", (source, expected) => expect(run(source)).toEqual(expected));

  it("reads `and`, `or` and `not` as fields after a point", () => {
    const odd = { input: { and: 1, or: { not: 2 } } };
    expect(evaluateExpression("input.and + input.or.not", odd)).toBe(3);
  });
});

describe("failures", () => {
  it.each([
    ["input.totl", "expression.failed", /"totl"/, /"total"/],
    ["inputs.total", "expression.failed", /"inputs"/, /input/],
    ["input.tags.length", "expression.failed", /"length"/, /size/],
    ["input.total and true", "expression.failed", /"and" needs true or false/, /bool/],
    ["input.name > 3", "expression.failed", /string and number/, /double/],
    ["1 / 0", "expression.failed", /by zero/, /divisor/],
    ["input.constructor", "expression.failed", /"constructor"/, /default/],
    ["input.__proto__", "expression.failed", /"__proto__"/, /default/],
    ['input.name["constructor"]', "expression.failed", /"constructor"/, /default/],
    ["1 +", "expression.syntax", /1 \+/, /Write it like/],
    ["lenght(input.tags)", "expression.syntax", /lenght\(\)/, /Use/],
    ['input.name.matches("(a+)+$")', "expression.syntax", /matches/, /like/],
    ["contains(input.tags)", "expression.syntax", /1 argument\b/, /contains\(list/],
    ["constructor()", "expression.syntax", /constructor\(\)/, /Use/],
  ])("%s", (source, code, message, fix) => {
    let thrown: unknown;
    try {
      run(source);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(AerostackError);
    expect(thrown).toMatchObject({ code });
    expect((thrown as AerostackError).message).toMatch(message);
    expect((thrown as AerostackError).fix).toMatch(fix);
  });

  it("ends work that would not end", () => {
    const list = Array.from({ length: 1000 }, (_, index) => index);
    const nested = "input.map(a, input.map(b, input.map(c, a + b + c)))";
    expect(() => evaluateExpression(nested, { input: list })).toThrow(/more than \d+ steps/);
    const doubled = Array.from({ length: 26 }).reduce<string>(
      (inner, _, index) => `[${inner}].map(x${index}, x${index} + x${index})[0]`,
      "input",
    );
    expect(() => evaluateExpression(doubled, { input: "x".repeat(1000) })).toThrow(AerostackError);
    expect(() => run("(".repeat(3000))).toThrow(/`\(/);
    expect(() => run(`1${" + 1".repeat(1500)}`)).toThrow(AerostackError);
    expect(() => run(`"${"x".repeat(5000)}"`)).toThrow(/longer than/);
  });
});

describe("checkExpression", () => {
  it("lists what an expression reads", () => {
    const { paths } = checkExpression(
      'steps.score.output.tier == "hot" && input.items.filter(i, i.ok).size() > vars["limit"] && has(input.a)',
    );
    expect(paths).toEqual([
      { path: ["steps", "score", "output", "tier"], optional: false },
      { path: ["input", "items"], optional: false },
      { path: ["vars", "limit"], optional: false },
      { path: ["input", "a"], optional: true },
    ]);
  });

  it("reports, and never throws, whatever the source", () => {
    const pieces = fc.constantFrom(
      "input",
      ".",
      "?",
      "(",
      ")",
      "[",
      "]",
      "{",
      "}",
      '"',
      "'",
      "and",
      "or",
      "not ",
      "+",
      "1",
      "1u",
      "b'x'",
      "map",
      "has",
      ":",
      ",",
      "\\",
      "__proto__",
      "&&",
      "!",
      "-",
      " ",
      "x",
      'r"',
    );
    const source = fc.oneof(
      fc.string(),
      fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(source, (text) => {
        const { problem } = checkExpression(text);
        let thrown: unknown;
        try {
          run(text);
        } catch (error) {
          thrown = error;
        }
        if (problem || thrown) expect(thrown).toBeInstanceOf(AerostackError);
      }),
      { numRuns: 600 },
    );
  });
});
