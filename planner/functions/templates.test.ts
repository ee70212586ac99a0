import { transform } from "sucrase";
import { expect, test } from "vitest";
import { templates } from "./index.ts";

/** Runs a template's code as an isolate would: types stripped, default export called. */
async function run(code: string, input: unknown): Promise<unknown> {
  const { code: script } = transform(code, { transforms: ["typescript"] });
  const module = (await import(
    /* @vite-ignore */ `data:text/javascript;base64,${Buffer.from(script).toString("base64")}`
  )) as { default: (value: unknown) => unknown };
  return JSON.parse(JSON.stringify(await module.default(input))) as unknown;
}

const asks = [
  { subject: "lead", text: "score inbound leads" },
  { subject: "ticket", text: "classify tickets as urgent, billing or other" },
  { subject: "record", text: "check that email and amount are given, add 7% vat" },
];

for (const template of templates) {
  for (const ask of asks) {
    test(`${template.id} for a ${ask.subject}: its code gives what its examples promise`, async () => {
      const draft = template.build(ask);
      expect(draft.examples.length).toBeGreaterThanOrEqual(2);
      for (const { input, output } of draft.examples) {
        expect(await run(draft.code, input)).toMatchObject(output);
      }
    });
  }
}

test("a lead's score names the factors that add up to it", async () => {
  const draft = templates[0]?.build({ subject: "lead", text: "" });
  const result = await run(draft?.code ?? "", draft?.examples[0]?.input);
  const { score, factors } = result as { score: number; factors: { points: number }[] };
  expect(factors.reduce((sum, { points }) => sum + points, 0)).toBeGreaterThanOrEqual(score);
  expect(score).toBe(100);
});
