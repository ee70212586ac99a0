import { z } from "zod";
import { defineNode } from "#blueprints/node";

const config = z.strictObject({
  function: z
    .string()
    .min(1)
    .describe("Function or skill of the workspace by name, or `@user/name@1.2.3`."),
  input: z.unknown().optional().describe("Its input, with templates; absent: the run's own input."),
});

/** A function or skill, pinned with the run, in an isolate of its own. */
export const callFunction = defineNode({
  type: "call_function",
  title: "Call a function",
  summary: "Runs a function or skill of the workspace or the marketplace.",
  description:
    "`function` names a function of the blueprint or workspace, or an entry of the marketplace " +
    "(`@user/name@1.2.3`). `input` is checked against the function's input schema; without it the " +
    "run's input is handed over. The output is exactly what the function returned, e.g. " +
    "`steps.score.output.score`. Code runs in an isolate with the hosts and secrets of the function.",
  config,
  output: z.unknown().describe("What the function returned."),
  ports: () => ["next"],
  effect: (wanted, known) => known?.functionEffect(wanted.function) ?? "external",
  requires: (wanted) => ({ functions: [wanted.function] }),
  examples: [
    {
      title: "Score the lead that came in",
      config: { function: "double", input: { value: "{{ input.value }}" } },
      input: { value: 21 },
      expect: { port: "next", output: 42 },
    },
  ],
  async run(context, wanted) {
    const input = wanted.input === undefined ? context.scope["input"] : wanted.input;
    const { output, logs } = await context.callFunction(wanted.function, input);
    for (const line of logs) context.log(line);
    return { output };
  },
});
