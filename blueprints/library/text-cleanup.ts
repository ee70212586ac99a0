import type { BlueprintInput } from "../blueprint.ts";

/** A function that agents call as a tool, and programs over HTTP. */
export const textCleanup: BlueprintInput = {
  name: "text-cleanup",
  description: "Cleans up pasted text: white space, quotes, links; as a tool and as an endpoint.",
  functions: [
    {
      name: "clean_text",
      description:
        "Tidies text that was copied from somewhere: joins broken lines, straightens quotes, removes tracking from links.",
      input: {
        type: "object",
        properties: {
          text: { type: "string", maxLength: 200_000 },
          keep_lines: { type: "boolean", default: false },
        },
        required: ["text"],
      },
      output: {
        type: "object",
        properties: { text: { type: "string" }, characters: { type: "integer" } },
        required: ["text", "characters"],
        additionalProperties: false,
      },
      code: `
export default async function ({ text, keep_lines = false }: { text: string; keep_lines?: boolean }) {
  let out = text.normalize("NFC").replace(/\\r\\n?/g, "\\n").replace(/[\\u00a0\\t]/g, " ");
  out = out.replace(/[\\u201c\\u201d]/g, '"').replace(/[\\u2018\\u2019]/g, "'");
  out = out.replace(/([?&])(utm_[a-z]+|fbclid|gclid)=[^&\\s]*/g, "$1").replace(/[?&]+(?=[\\s)]|$)/g, "");
  if (!keep_lines) out = out.replace(/([^\\n])\\n(?=[^\\n])/g, "$1 ");
  out = out.replace(/ {2,}/g, " ").replace(/\\n{3,}/g, "\\n\\n").trim();
  return { text: out, characters: out.length };
}
`,
    },
  ],
  workflows: [
    {
      name: "clean",
      input: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
      nodes: [
        { id: "start", type: "trigger", config: { source: "endpoint" } },
        {
          id: "clean",
          type: "call_function",
          config: { function: "clean_text", input: { text: "{{ input.text }}" } },
        },
      ],
      edges: [{ from: "start", to: "clean" }],
    },
  ],
  endpoints: [{ name: "clean", workflow: "clean" }],
  tests: [
    {
      name: "lines are joined and links shortened",
      target: { kind: "function", name: "clean_text" },
      input: { text: "Read  this\nhttps://example.com/a?utm_source=x\u00a0now" },
      expect: { output: { text: "Read this https://example.com/a now", characters: 35 } },
    },
    {
      name: "lines stay when asked",
      target: { kind: "function", name: "clean_text" },
      input: { text: "one\ntwo\n\n\n\nthree", keep_lines: true },
      expect: { output: { text: "one\ntwo\n\nthree", characters: 14 } },
    },
    {
      name: "nothing stays nothing",
      target: { kind: "workflow", name: "clean" },
      input: { text: "   " },
      expect: { output: { text: "", characters: 0 }, no_effects: true },
    },
  ],
};
