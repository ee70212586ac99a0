import type { Blueprint, Workflow } from "#blueprints/blueprint";

/**
 * The workflow with an example in its input schema: the author's own, else the input of its first
 * test that is to succeed, so that whoever reads the endpoint's OpenAPI can make a call that works.
 */
export function withInputExample(workflow: Workflow, tests: Blueprint["tests"]): Workflow {
  if (workflow.input["examples"] !== undefined) return workflow;
  const test = tests.find(({ target, expect }) => {
    const isOwn = target.kind === "workflow" && target.name === workflow.name;
    return isOwn && expect.error === undefined;
  });
  if (!test) return workflow;
  return { ...workflow, input: { ...workflow.input, examples: [test.input] } };
}
