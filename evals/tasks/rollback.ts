import { post } from "../harness/http.ts";
import { defineTask } from "../harness/task.ts";

/** A deploy that fails its tests changes nothing; one that passes can be taken back. */
export const rollback = defineTask({
  name: "rollback",
  title: "A failing test keeps the old version live, and rollback restores it",
  async run(lab) {
    const agent = await lab.agent("careful-agent");
    const built = await agent.build({ workspace: "quotes", blueprint: quote(10, 20) });
    const url = built.url("endpoint");
    const price = async () => (await post(url, agent.key, { seats: 2 })).body["output"];
    lab.check(
      "behave",
      "version 1 answers",
      JSON.stringify(await price()).includes("20"),
      await price(),
    );
    const broken = await agent.build({ workspace: "quotes", blueprint: quote(12, 999) });
    lab.check(
      "deploy",
      "a failing test stops the deploy",
      broken.deployment.state === "failed",
      broken.deployment,
    );
    lab.check(
      "behave",
      "version 1 still answers",
      JSON.stringify(await price()).includes("20"),
      await price(),
    );
    const second = await agent.build({ workspace: "quotes", blueprint: quote(15, 30) });
    lab.check(
      "deploy",
      "a passing version goes live",
      second.deployment.state === "live",
      second.deployment.state,
    );
    lab.check(
      "behave",
      "the new version answers",
      JSON.stringify(await price()).includes("30"),
      await price(),
    );
    const workflow = second.resources.find((one) => one.kind === "function");
    await agent.session.must("rollback", { resource: workflow?.id });
    const endpoint = second.resources.find((one) => one.kind === "workflow");
    await agent.session.call("rollback", { resource: endpoint?.id });
    lab.check(
      "operate",
      "rollback restores version 1",
      JSON.stringify(await price()).includes("20"),
      await price(),
    );
  },
});

const quote = (perSeat: number, expected: number) => ({
  name: "quote",
  functions: [
    {
      name: "quote",
      description: "Price of a number of seats.",
      code: `export default async function (input: { seats: number }) { return { price: input.seats * ${perSeat} }; }`,
      input: { type: "object", properties: { seats: { type: "number" } }, required: ["seats"] },
      output: { type: "object", properties: { price: { type: "number" } }, required: ["price"] },
    },
  ],
  workflows: [
    {
      name: "quote",
      input: { type: "object", properties: { seats: { type: "number" } }, required: ["seats"] },
      nodes: [
        { id: "start", type: "trigger", config: { source: "endpoint" } },
        {
          id: "price",
          type: "call_function",
          config: { function: "quote", input: { seats: "{{ input.seats }}" } },
        },
      ],
      edges: [{ from: "start", to: "price" }],
      output: { price: "{{ steps.price.output.price }}" },
    },
  ],
  endpoints: [{ name: "quote", workflow: "quote" }],
  tests: [
    {
      name: "two seats",
      target: { kind: "workflow", name: "quote" },
      input: { seats: 2 },
      expect: { output: { price: expected } },
    },
  ],
});
