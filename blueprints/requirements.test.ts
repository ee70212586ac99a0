import { expect, it } from "vitest";
import { workflowSchema } from "./blueprint.ts";
import { catalogueFixture } from "./check.fixture.ts";
import { workflowRequirements } from "./requirements.ts";

it("collects what steps need, templates included, even where a config holds templates for values", () => {
  const workflow = workflowSchema.parse({
    name: "w",
    nodes: [
      { id: "start", type: "trigger" },
      { id: "score", type: "call_function", config: { function: "score" } },
      {
        id: "post",
        type: "action",
        config: {
          method: "{{ input.method }}",
          url: "https://api.example.com/x",
          headers: { authorization: "Bearer {{ secrets.API_TOKEN }}" },
        },
      },
      {
        id: "tell",
        type: "send_message",
        config: { channel: "slack", webhook: "SLACK_URL", text: "x" },
      },
    ],
  });
  expect(workflowRequirements(workflow, catalogueFixture)).toEqual({
    secrets: ["SLACK_URL", "API_TOKEN"],
    hosts: ["api.example.com"],
    functions: ["score"],
    workflows: [],
    bots: [],
    tools: [],
  });
});
