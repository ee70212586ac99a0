import { z } from "zod";
import { defineNode } from "#blueprints/node";

const config = z.strictObject({
  cases: z
    .array(
      z.strictObject({
        port: z
          .string()
          .regex(/^[a-z][a-z0-9_]{0,39}$/, "lower case letters, digits and _")
          .refine((port) => port !== "else", "`else` is taken by the last resort")
          .describe("Name of the way out when `when` is true."),
        when: z
          .string()
          .min(1)
          .describe("Condition in the expression language, e.g. `steps.score.output.score >= 70`."),
      }),
    )
    .min(1)
    .max(50)
    .describe("Tried in this order; the first true one wins."),
});

/** Ordered conditions; the first true case names the port. */
export const logic = defineNode({
  type: "logic",
  title: "Logic",
  summary: "Branches on conditions: the first true case wins, `else` otherwise.",
  description:
    "Each case is a `port` and a condition `when` in the expression language over `input`, `steps`, " +
    "`vars` and `run`. Cases are tried in order; the run leaves by the port of the first true one, by " +
    "`else` when none is. Steps behind the ports not taken are skipped. Draw one edge per port; a port " +
    "without an edge ends that branch.",
  config,
  output: z.object({ matched: z.string().describe("The port that was taken.") }),
  verbatim: ["cases"],
  ports: ({ cases }) => [...new Set(cases.map(({ port }) => port)), "else"],
  effect: () => "pure",
  requires: ({ cases }) => ({
    expressions: cases.map(({ when }, index) => ({ path: `cases[${index}].when`, source: when })),
  }),
  examples: [
    {
      title: "Hot leads one way, the rest another",
      config: { cases: [{ port: "hot", when: "input.score >= 70" }] },
      input: { score: 90 },
      expect: { port: "hot", output: { matched: "hot" } },
    },
    {
      title: "Nothing matches",
      config: { cases: [{ port: "hot", when: "input.score >= 70" }] },
      input: { score: 10 },
      expect: { port: "else", output: { matched: "else" } },
    },
  ],
  run(context, { cases }) {
    const matched = cases.find(({ when }) => context.evaluate(when) === true)?.port ?? "else";
    return Promise.resolve({ output: { matched }, port: matched });
  },
});
