import type { BlueprintInput } from "../blueprint.ts";

/** Every working morning one e-mail with what was written. */
export const dailyDigest: BlueprintInput = {
  name: "daily-digest",
  description: "Reads a JSON API every working morning and mails a digest of the best stories.",
  functions: [
    {
      name: "write_digest",
      description: "The stories with the most points as a plain-text list.",
      input: {
        type: "object",
        properties: {
          hits: { type: "array", items: { type: "object" } },
          most: { type: "integer", minimum: 1, default: 10 },
        },
        required: ["hits"],
      },
      output: {
        type: "object",
        properties: { count: { type: "integer" }, text: { type: "string" } },
        required: ["count", "text"],
        additionalProperties: false,
      },
      code: `
interface Story { title?: string | null; url?: string | null; points?: number | null }

export default async function ({ hits, most = 10 }: { hits: Story[]; most?: number }) {
  const stories = hits
    .filter((story) => story.title)
    .sort((a, b) => (b.points ?? 0) - (a.points ?? 0))
    .slice(0, most);
  const lines = stories.map((story, index) =>
    (index + 1) + ". " + story.title + " (" + (story.points ?? 0) + ")" + (story.url ? "\\n   " + story.url : ""),
  );
  return { count: stories.length, text: lines.join("\\n") };
}
`,
    },
  ],
  workflows: [
    {
      name: "send_digest",
      nodes: [
        { id: "start", type: "trigger", config: { source: "schedule" } },
        {
          id: "fetch",
          type: "action",
          config: {
            method: "GET",
            url: "https://hn.algolia.com/api/v1/search",
            query: { tags: "front_page", hitsPerPage: 30 },
          },
          retry: { attempts: 3 },
        },
        {
          id: "write",
          type: "call_function",
          config: {
            function: "write_digest",
            input: { hits: "{{ default(steps.fetch.output.body.hits, []) }}" },
          },
        },
        {
          id: "anything",
          type: "logic",
          config: { cases: [{ port: "send", when: "steps.write.output.count > 0" }] },
        },
        {
          id: "mail",
          type: "send_message",
          config: {
            channel: "email",
            token: "RESEND_API_KEY",
            from: "Digest <digest@example.com>",
            to: "team@example.com",
            subject: "{{ steps.write.output.count }} stories of the day",
            text: "{{ steps.write.output.text }}",
          },
        },
      ],
      edges: [
        { from: "start", to: "fetch" },
        { from: "fetch", to: "write" },
        { from: "write", to: "anything" },
        { from: "anything", port: "send", to: "mail" },
      ],
      output: { stories: "{{ steps.write.output.count }}", sent: "{{ has(steps.mail) }}" },
    },
  ],
  schedules: [
    {
      name: "weekday_mornings",
      workflow: "send_digest",
      cron: "0 8 * * 1-5",
      timezone: "Europe/Berlin",
    },
  ],
  secrets: [
    {
      name: "RESEND_API_KEY",
      purpose: "Sends the e-mail through Resend.",
      hosts: ["api.resend.com"],
    },
  ],
  egress: ["hn.algolia.com", "api.resend.com"],
  tests: [
    {
      name: "the digest is mailed, best story first",
      target: { kind: "workflow", name: "send_digest" },
      input: {},
      stubs: [
        {
          match: "fetch",
          body: {
            hits: [
              { title: "Small", points: 3 },
              { title: "Big", points: 90, url: "https://example.com/big" },
            ],
          },
        },
        { match: "api.resend.com", body: { id: "m1" } },
      ],
      expect: {
        output: { stories: 2, sent: true },
        effects: [{ node: "fetch" }, { node: "mail", contains: "1. Big (90)" }],
      },
    },
    {
      name: "no stories, no mail",
      target: { kind: "workflow", name: "send_digest" },
      input: {},
      stubs: [{ match: "fetch", body: { hits: [] } }],
      expect: { output: { stories: 0, sent: false }, not_visited: ["mail"] },
    },
  ],
};
