import type { BlueprintInput } from "../blueprint.ts";

/** New GitHub issues get a label; security reports reach people at once. */
export const githubTriage: BlueprintInput = {
  name: "github-triage",
  description: "Labels new GitHub issues and reports security problems in Slack.",
  workflows: [
    {
      name: "triage_issue",
      input: {
        type: "object",
        properties: {
          action: { type: "string" },
          issue: {
            type: "object",
            properties: {
              number: { type: "integer" },
              title: { type: "string" },
              body: { type: ["string", "null"] },
              html_url: { type: "string" },
            },
            required: ["number", "title", "html_url"],
          },
          repository: {
            type: "object",
            properties: { full_name: { type: "string" } },
            required: ["full_name"],
          },
        },
        required: ["action"],
      },
      nodes: [
        { id: "start", type: "trigger", config: { source: "webhook" } },
        {
          id: "is_new",
          type: "logic",
          config: {
            cases: [{ port: "opened", when: 'input.action == "opened" and has(input.issue)' }],
          },
        },
        {
          id: "classify",
          type: "code_block",
          config: {
            input: {
              title: '{{ default(input.issue.title, "") }}',
              body: '{{ default(input.issue.body, "") }}',
            },
            code: `
export default function ({ title, body }: { title: string; body: string }) {
  const text = (title + " " + body).toLowerCase();
  if (/vulnerab|security|exploit|cve-/.test(text)) return { label: "security" };
  if (/crash|error|broken|regression|bug/.test(text)) return { label: "bug" };
  return { label: /how (do|can|to)|\\?$/.test(text.trim()) ? "question" : "enhancement" };
}
`,
          },
        },
        {
          id: "add_label",
          type: "action",
          config: {
            method: "POST",
            url: 'https://api.github.com/repos/{{ default(input.repository.full_name, "") }}/issues/{{ default(input.issue.number, 0) }}/labels',
            headers: {
              authorization: "Bearer {{ secrets.GITHUB_TOKEN }}",
              accept: "application/vnd.github+json",
              "user-agent": "aerostack",
            },
            body: { labels: ["{{ steps.classify.output.label }}"] },
            // Adding a label that is there already changes nothing.
            effect: "idempotent",
          },
        },
        {
          id: "is_security",
          type: "logic",
          config: {
            cases: [{ port: "security", when: 'steps.classify.output.label == "security"' }],
          },
        },
        {
          id: "alert",
          type: "send_message",
          config: {
            channel: "slack",
            webhook: "SECURITY_SLACK_URL",
            text: 'Security report: {{ default(input.issue.title, "") }} {{ default(input.issue.html_url, "") }}',
          },
        },
      ],
      edges: [
        { from: "start", to: "is_new" },
        { from: "is_new", port: "opened", to: "classify" },
        { from: "classify", to: "add_label" },
        { from: "add_label", to: "is_security" },
        { from: "is_security", port: "security", to: "alert" },
      ],
      output: { label: "{{ default(steps.classify.output.label, null) }}" },
    },
  ],
  webhooks: [
    { name: "github", workflow: "triage_issue", sender: "github", secret: "GITHUB_WEBHOOK_SECRET" },
  ],
  secrets: [
    {
      name: "GITHUB_WEBHOOK_SECRET",
      purpose: "The secret of the webhook in the repository's settings.",
    },
    {
      name: "GITHUB_TOKEN",
      purpose: "Fine-grained token that may write issues.",
      hosts: ["api.github.com"],
    },
    {
      name: "SECURITY_SLACK_URL",
      purpose: "Incoming webhook of the security channel.",
      kind: "url",
    },
  ],
  egress: ["api.github.com"],
  tests: [
    {
      name: "a security report is labelled and announced",
      target: { kind: "workflow", name: "triage_issue" },
      input: {
        action: "opened",
        issue: {
          number: 7,
          title: "XSS vulnerability",
          body: null,
          html_url: "https://github.com/a/b/issues/7",
        },
        repository: { full_name: "a/b" },
      },
      expect: {
        output: { label: "security" },
        effects: [
          { node: "add_label", contains: "/repos/a/b/issues/7/labels" },
          { node: "alert", contains: "XSS vulnerability" },
        ],
      },
    },
    {
      name: "a bug is labelled only",
      target: { kind: "workflow", name: "triage_issue" },
      input: {
        action: "opened",
        issue: { number: 8, title: "Crash on start", html_url: "https://github.com/a/b/issues/8" },
        repository: { full_name: "a/b" },
      },
      expect: { output: { label: "bug" }, visited: ["add_label"], not_visited: ["alert"] },
    },
    {
      name: "a closed issue is left alone",
      target: { kind: "workflow", name: "triage_issue" },
      input: { action: "closed" },
      expect: { output: { label: null }, no_effects: true },
    },
  ],
};
