import { z } from "zod";
import { defineNode } from "#blueprints/node";

const config = z.strictObject({
  source: z
    .enum(["manual", "endpoint", "webhook", "schedule", "bot", "workflow"])
    .default("manual")
    .describe("What usually starts the run. Any run may also be started by hand."),
});

/** The entry. The run's input was checked against the workflow's `input` schema before it began. */
export const trigger = defineNode({
  type: "trigger",
  title: "Trigger",
  summary: "Where a run begins; its output is the run's input.",
  description:
    "Put exactly one at the start. `source` says what usually starts the run: an agent endpoint, a " +
    "webhook, a schedule, a bot or another workflow. The input is checked against the workflow's " +
    "`input` JSON Schema before the first step. Its output is the input, so `steps.<id>.output` and " +
    "`input` are the same value.",
  config,
  output: z.unknown().describe("The input of the run."),
  ports: () => ["next"],
  effect: () => "pure",
  examples: [
    {
      title: "An agent endpoint",
      config: { source: "endpoint" },
      input: { email: "ada@example.com" },
      expect: { port: "next", output: { email: "ada@example.com" } },
    },
  ],
  run: (context) => Promise.resolve({ output: context.scope["input"] }),
});
