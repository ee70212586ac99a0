import type { BlueprintInput } from "../blueprint.ts";

/** A site is looked at every five minutes; a failure is said in Discord. */
export const uptimeCheck: BlueprintInput = {
  name: "uptime-check",
  description: "Requests a page on a schedule and alerts in Discord when it does not answer well.",
  workflows: [
    {
      name: "check_site",
      description: "Change the URL, and the host in egress, to your own.",
      nodes: [
        { id: "start", type: "trigger", config: { source: "schedule" } },
        {
          id: "request",
          type: "action",
          config: {
            method: "GET",
            url: "https://www.example.com/",
            expect: {
              status: [200, 204, 301, 302, 400, 401, 403, 404, 410, 429, 500, 502, 503, 504],
            },
          },
          timeout_ms: 20_000,
        },
        {
          id: "healthy",
          type: "logic",
          config: { cases: [{ port: "down", when: "steps.request.output.status >= 400" }] },
        },
        {
          id: "alert",
          type: "send_message",
          config: {
            channel: "discord",
            webhook: "DISCORD_WEBHOOK_URL",
            text: "www.example.com answers {{ steps.request.output.status }}.",
          },
        },
      ],
      edges: [
        { from: "start", to: "request" },
        { from: "request", to: "healthy" },
        { from: "healthy", port: "down", to: "alert" },
      ],
      output: {
        status: "{{ steps.request.output.status }}",
        up: "{{ steps.request.output.status < 400 }}",
      },
    },
  ],
  schedules: [{ name: "every_five_minutes", workflow: "check_site", cron: "*/5 * * * *" }],
  secrets: [
    {
      name: "DISCORD_WEBHOOK_URL",
      purpose: "Webhook of the Discord channel for alerts.",
      kind: "url",
    },
  ],
  egress: ["www.example.com"],
  tests: [
    {
      name: "a failing site raises an alert",
      target: { kind: "workflow", name: "check_site" },
      input: {},
      stubs: [{ match: "request", status: 503, body: "Service Unavailable" }],
      expect: {
        output: { status: 503, up: false },
        effects: [{ node: "request" }, { node: "alert", contains: "answers 503" }],
      },
    },
    {
      name: "a healthy site stays quiet",
      target: { kind: "workflow", name: "check_site" },
      input: {},
      stubs: [{ match: "www.example.com", status: 200, body: "<html></html>" }],
      expect: { output: { status: 200, up: true }, not_visited: ["alert"] },
    },
  ],
};
