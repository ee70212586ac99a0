import { type Build, Graph } from "./graph.ts";
import { toName } from "./text.ts";

/**
 * A second workflow calls off what the first one has put off, once somebody says that there was an answer.
 * What the first has to give for that: the ids of its messages. Undefined: it puts off none.
 */
export function addCallOff(build: Build, first: Graph): Record<string, string> | undefined {
  const [message] = first.nodes.filter(({ type }) => type === "schedule_message");
  if (!message) return undefined;
  const name = toName(`${first.name.slice(0, 31)}_answered`);
  const graph = new Graph(name, build.catalogue);
  graph.add("trigger", "start", { source: "endpoint" }, "There was an answer");
  graph.add("schedule_message", "call_off", { cancel: "{{ input.id }}" }, "Call the message off");
  const id = {
    type: "string",
    description: `\`message\` in the output of the run of "${first.name}".`,
  };
  build.workflows.push({
    name,
    description: `Calls off a message of "${first.name}" that is not sent yet.`,
    input: { type: "object", properties: { id }, required: ["id"] },
    nodes: graph.nodes,
    edges: graph.edges,
    output: { status: "{{ steps.call_off.output.status }}" },
  });
  build.endpoints.push({
    name,
    workflow: name,
    description: `Tell it {"id": ...} when there was an answer: the message is not sent then.`,
    auth: "token",
  });
  build.decisions.push({
    id: "answer_heard",
    text: "How an answer is heard of, which calls the message off.",
    chosen: `POST to the endpoint "${name}"`,
    options: [],
  });
  build.tests.push({
    name: "an answer calls the message off",
    target: { kind: "workflow", name },
    input: { id: "run_sample" },
    stubs: [],
    expect: { output: { status: "cancelled" }, visited: ["call_off"] },
  });
  return { message: `{{ default(steps.${message.id}.output.id, null) }}` };
}
