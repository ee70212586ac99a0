import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AerostackError } from "./error.ts";
import { render } from "./template.ts";

const scope = {
  input: { name: "Ann", total: 12.5, tags: ["a"], nothing: null, customer: { id: 7 } },
};

describe("render", () => {
  it.each([
    ["Hello {{ input.name }}!", "Hello Ann!"],
    ["{{ input.total }}", 12.5],
    [" {{ input.total }}", " 12.5"],
    ["{{input.tags}}", ["a"]],
    ["tags: {{ input.tags }}, {{ input.customer }}", 'tags: ["a"], {"id":7}'],
    ["[{{ input.nothing }}]", "[]"],
    ["{{ input.nothing }}", null],
    ['{{ {"a": {"b": input.total}} }}', { a: { b: 12.5 } }],
    ['{{ "}}" }}', "}}"],
    ["no template }} { here", "no template }} { here"],
    [{ a: ["{{ input.name }}", 1, null, true] }, { a: ["Ann", 1, null, true] }],
  ])("%j", (template, expected) => expect(render(template, scope)).toEqual(expected));

  it("does not render what a template produced", () => {
    const hostile = { input: { text: "{{ input.secret }}", secret: "s" } };
    expect(render("{{ input.text }} / {{ input.text }}", hostile)).toBe(
      "{{ input.secret }} / {{ input.secret }}",
    );
  });

  it("keeps keys of prototypes as data", () => {
    const value = JSON.parse('{"__proto__": {"polluted": "{{ input.name }}"}}') as unknown;
    const rendered = render(value, scope);
    expect(JSON.stringify(rendered)).toBe('{"__proto__":{"polluted":"Ann"}}');
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it.each([
    ["{{ input.name", "template.unclosed"],
    ["{{ input. }}", "expression.syntax"],
    ["{{ input.nope }}", "expression.failed"],
    ["{{ 1 }}".repeat(101), "template.too-large"],
    [Array.from({ length: 40 }).reduce<unknown>((inner) => [inner], 1), "template.too-large"],
    [Array.from({ length: 50_001 }, () => 1), "template.too-large"],
  ])("refuses %j", (template, code) => {
    expect(() => render(template, scope)).toThrow(expect.objectContaining({ code }));
  });

  it("leaves values without templates as they are, whatever they are", () => {
    const plain = fc
      .jsonValue({ maxDepth: 5 })
      .filter((value) => !JSON.stringify(value).includes("{{"));
    fc.assert(
      fc.property(plain, (value) => {
        expect(render(value, scope)).toEqual(value);
      }),
    );
  });

  it("answers or fails with a code, whatever the text", () => {
    const piece = fc.constantFrom(
      "{{",
      "}}",
      "{",
      "}",
      '"',
      "'",
      "\\",
      "input",
      ".",
      "name",
      " ",
      "x",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        try {
          render(pieces.join(""), scope);
        } catch (error) {
          expect(error).toBeInstanceOf(AerostackError);
        }
      }),
    );
  });
});
