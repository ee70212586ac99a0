import type { BlueprintInput } from "../blueprint.ts";

/** A hosted MCP server, used by agents directly and by a workflow. */
export const privateNotes: BlueprintInput = {
  name: "private-notes",
  description: "An MCP server that removes personal data from text, and a Slack post that uses it.",
  mcps: [
    {
      name: "privacy",
      description: "Finds and removes personal data in text.",
      code: `
import { defineServer } from "aerostack";

const patterns: Record<string, RegExp> = {
  email: /[\\w.+-]+@[\\w-]+\\.[\\w.-]*\\w/g,
  card: /\\b\\d(?:[ -]?\\d){12,15}\\b/g,
  phone: /\\+\\d[\\d ()-]{7,}\\d/g,
};

export default defineServer({
  name: "privacy",
  version: "1.0.0",
  tools: {
    redact: {
      description: "Replaces e-mail addresses, card and phone numbers by their kind in brackets.",
      input: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
      annotations: { readOnlyHint: true },
      run({ text }: { text: string }) {
        let found = 0;
        let out = text;
        for (const [kind, pattern] of Object.entries(patterns)) {
          out = out.replace(pattern, () => { found += 1; return "[" + kind + "]"; });
        }
        return { text: out, found };
      },
    },
  },
});
`,
      tools: ["redact"],
    },
  ],
  workflows: [
    {
      name: "post_note",
      input: { type: "object", properties: { note: { type: "string" } }, required: ["note"] },
      nodes: [
        { id: "start", type: "trigger", config: { source: "endpoint" } },
        {
          id: "redact",
          type: "mcp_tool",
          config: {
            tool: "privacy__redact",
            arguments: { text: "{{ input.note }}" },
            effect: "pure",
          },
        },
        {
          id: "is_empty",
          type: "logic",
          config: {
            cases: [
              {
                port: "post",
                when: 'trim(default(steps.redact.output.structured.text, "")) != ""',
              },
            ],
          },
        },
        {
          id: "post",
          type: "send_message",
          config: {
            channel: "slack",
            webhook: "NOTES_SLACK_URL",
            text: '{{ default(steps.redact.output.structured.text, "") }}',
          },
        },
      ],
      edges: [
        { from: "start", to: "redact" },
        { from: "redact", to: "is_empty" },
        { from: "is_empty", port: "post", to: "post" },
      ],
      output: {
        removed: "{{ default(steps.redact.output.structured.found, 0) }}",
        posted: "{{ has(steps.post) }}",
      },
    },
  ],
  endpoints: [{ name: "notes", workflow: "post_note" }],
  secrets: [
    { name: "NOTES_SLACK_URL", purpose: "Incoming webhook of the notes channel.", kind: "url" },
  ],
  tests: [
    {
      name: "the tool removes an address",
      target: { kind: "mcp", name: "privacy", tool: "redact" },
      input: { text: "Write to ada@example.com" },
      expect: { output: { text: "Write to [email]", found: 1 } },
    },
    {
      name: "a note is posted without what was removed",
      target: { kind: "workflow", name: "post_note" },
      input: { note: "Call +49 30 1234567" },
      stubs: [{ match: "privacy__redact", body: { text: "Call [phone]", found: 1 } }],
      expect: {
        output: { removed: 1, posted: true },
        effects: [{ node: "post", contains: "Call [phone]" }],
      },
    },
    {
      name: "an empty note is not posted",
      target: { kind: "workflow", name: "post_note" },
      input: { note: "" },
      stubs: [{ match: "privacy__redact", body: { text: "", found: 0 } }],
      expect: { output: { removed: 0, posted: false }, not_visited: ["post"] },
    },
  ],
};
