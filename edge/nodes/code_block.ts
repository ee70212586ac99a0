import { z } from "zod";
import { defineNode } from "#blueprints/node";

const config = z.strictObject({
  code: z
    .string()
    .min(1)
    .max(100_000)
    .describe("TypeScript module: `export default function (input) { return ... }`."),
  input: z
    .unknown()
    .optional()
    .describe("What the function receives, with templates; absent: the run's own input."),
});

/** A few lines of TypeScript of the workflow itself, without network. */
export const codeBlock = defineNode({
  type: "code_block",
  title: "Code",
  summary: "Reshapes data with a few lines of TypeScript, without network.",
  description:
    "`code` is a TypeScript module whose default export is a function of one value (async is fine); " +
    "its result, which must be JSON, is the step's output. It runs in an isolate without network and " +
    "without secrets. Templates inside `code` are not replaced: hand data over with `input`. For code " +
    "that others should find and reuse, or that needs the network, write a function instead.",
  config,
  output: z.unknown().describe("What the function returned."),
  verbatim: ["code"],
  ports: () => ["next"],
  effect: () => "pure",
  examples: [
    {
      title: "Count words",
      config: {
        code: "export default (input: { text: string }) => ({ words: input.text.split(/\\s+/).length });",
        input: { text: "{{ input.text }}" },
      },
      input: { text: "three short words" },
      expect: { port: "next", output: { words: 3 } },
    },
  ],
  async run(context, wanted) {
    const input = wanted.input === undefined ? context.scope["input"] : wanted.input;
    const { output, logs } = await context.runCode(wanted.code, input);
    for (const line of logs) context.log(line);
    return { output };
  },
});
