import type { BlueprintInput } from "../blueprint.ts";

/** An exchange rate is watched; a good one is worth a message. */
export const currencyWatch: BlueprintInput = {
  name: "currency-watch",
  description: "Reads the euro's exchange rate every hour and writes in Telegram when it is good.",
  workflows: [
    {
      name: "watch_rate",
      description: "The threshold is the variable that the second step sets.",
      nodes: [
        { id: "start", type: "trigger", config: { source: "schedule" } },
        { id: "threshold", type: "action", config: { set: { name: "threshold", value: 1.15 } } },
        {
          id: "rate",
          type: "action",
          config: {
            method: "GET",
            url: "https://api.frankfurter.dev/v1/latest",
            query: { base: "EUR", symbols: "USD" },
          },
          retry: { attempts: 3, delay_ms: 2000 },
        },
        {
          id: "compare",
          type: "logic",
          config: {
            cases: [
              {
                port: "good",
                when: "default(steps.rate.output.body.rates.USD, 0) >= vars.threshold",
              },
            ],
          },
        },
        {
          id: "tell",
          type: "send_message",
          config: {
            channel: "telegram",
            token: "TELEGRAM_BOT_TOKEN",
            chat: "@my_rates",
            text: '1 EUR = {{ round(default(steps.rate.output.body.rates.USD, 0), 4) }} USD on {{ default(steps.rate.output.body.date, "today") }}',
          },
        },
      ],
      edges: [
        { from: "start", to: "threshold" },
        { from: "threshold", to: "rate" },
        { from: "rate", to: "compare" },
        { from: "compare", port: "good", to: "tell" },
      ],
      output: {
        rate: "{{ default(steps.rate.output.body.rates.USD, null) }}",
        told: "{{ has(steps.tell) }}",
      },
    },
  ],
  schedules: [{ name: "hourly", workflow: "watch_rate", cron: "5 * * * *" }],
  secrets: [
    {
      name: "TELEGRAM_BOT_TOKEN",
      purpose: "Token of the Telegram bot, from @BotFather.",
      hosts: ["api.telegram.org"],
    },
  ],
  egress: ["api.frankfurter.dev", "api.telegram.org"],
  tests: [
    {
      name: "a good rate is told",
      target: { kind: "workflow", name: "watch_rate" },
      input: {},
      stubs: [{ match: "rate", body: { date: "2026-11-20", rates: { USD: 1.1723 } } }],
      expect: {
        output: { rate: 1.1723, told: true },
        effects: [{ node: "rate" }, { node: "tell", contains: "1 EUR = 1.1723 USD" }],
      },
    },
    {
      name: "a poor rate is not",
      target: { kind: "workflow", name: "watch_rate" },
      input: {},
      stubs: [{ match: "rate", body: { date: "2026-11-20", rates: { USD: 1.02 } } }],
      expect: { output: { rate: 1.02, told: false }, not_visited: ["tell"] },
    },
  ],
};
