import { act, isMessaging } from "./act.ts";
import { type Build, Graph } from "./graph.ts";
import { addMessage } from "./messages.ts";
import * as steps from "./steps.ts";
import { toName } from "./text.ts";

/** Messages a person and stops; their decision starts the second workflow, which acts. */
export function askFirst(writing: steps.Writing): readonly string[] {
  const { build, known, graph } = writing;
  const name = toName(`${graph.name.slice(0, 31)}_decision`);
  const channel = known.mentions.find(
    ({ integration }) => isMessaging(integration) && integration.id !== "gmail",
  )?.integration;
  const ask = addMessage(build, graph, channel ?? steps.defaultChannel(), {
    id: "ask_for_approval",
    title: "Ask a person to approve",
    subject: "Approval needed",
    text: `Approval needed: ${known.text.slice(0, 200)}\nProposed: ${graph.said()}\nDecide: POST {"approved": true or false, "request": {...}} to the endpoint "${name}".`,
    assumed: channel === undefined,
  });
  const decision = new Graph(name, build.catalogue);
  const second: steps.Writing = { ...writing, graph: decision };
  decision.add("trigger", "start", { source: "endpoint" }, "A person decided");
  decision.data = "input.request";
  const route = decision.add(
    "logic",
    "approved",
    { cases: [{ port: "approved", when: "input.approved" }] },
    "Approved?",
  );
  decision.open = [{ from: route, port: "approved" }];
  const done = act(second);
  build.workflows.push({
    name,
    description: `Acts on what a person decided: ${known.text.slice(0, 300)}`,
    input: {
      type: "object",
      properties: { approved: { type: "boolean" }, request: { type: "object" } },
      required: ["approved", "request"],
    },
    nodes: decision.nodes,
    edges: decision.edges,
    output: { approved: "{{ input.approved }}" },
  });
  build.endpoints.push({
    name,
    workflow: name,
    description: "Where the approver's decision is sent.",
    auth: "token",
  });
  addDecisionTests(build, name, done);
  return [ask];
}

function addDecisionTests(build: Build, name: string, done: readonly string[]): void {
  const request = { id: "sample" };
  build.tests.push(
    {
      name: "what was approved is done",
      target: { kind: "workflow", name },
      input: { approved: true, request },
      stubs: [],
      expect: { output: { approved: true }, visited: [...done] },
    },
    {
      name: "what was rejected is not done",
      target: { kind: "workflow", name },
      input: { approved: false, request },
      stubs: [],
      expect: { output: { approved: false }, not_visited: [...done], no_effects: true },
    },
  );
}
