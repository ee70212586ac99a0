import { expect, it } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { workspaceStub } from "#edge/gateway/directory";
import { createResources } from "./create.ts";
import { leadBlueprint, testAccount } from "./deploy.fixture.ts";
import { deployResources } from "./deploy.ts";

const start = { id: "start", type: "trigger", config: { source: "endpoint" } };

/** Refers to the function, the workflow and the server that the workspace has, by name. */
function second(step: { type: string; config: object }) {
  return {
    name: "second",
    workflows: [
      {
        name: "again",
        nodes: [start, { id: "one", ...step }],
        edges: [{ from: "start", to: "one" }],
      },
    ],
    endpoints: [
      { name: "again", workflow: "again" },
      { name: "first-again", workflow: "handle-lead" },
    ],
  };
}

const callsFunction = {
  type: "call_function",
  config: { function: "score-lead", input: { employees: 500 } },
};

it("a blueprint may refer to what is live in its workspace, and to nothing else", async () => {
  const { services, actor } = await testAccount("referring-owner");
  const workspace = "referring";
  const first = await createResources(services, actor, { blueprint: leadBlueprint(), workspace });
  const refused = (blueprint: object, where?: string) =>
    createResources(services, actor, { blueprint, ...(where ? { workspace: where } : {}) });
  // A draft takes no traffic yet.
  await expect(refused(second(callsFunction), workspace)).rejects.toMatchObject({
    code: "blueprint.invalid",
  });
  await deployResources(services, actor, { blueprintId: first.blueprintId });
  await expect(refused(second(callsFunction), "elsewhere")).rejects.toMatchObject({
    code: "blueprint.invalid",
  });
  const stranger = await testAccount("referring-stranger");
  await expect(
    createResources(services, stranger.actor, { blueprint: second(callsFunction), workspace }),
  ).rejects.toMatchObject({ code: "blueprint.invalid" });
  const created = await createResources(services, actor, {
    blueprint: { ...second(callsFunction), workspace },
  });
  const deployed = await deployResources(services, actor, { blueprintId: created.blueprintId });
  expect(deployed.state).toBe("live");
  const { live } = unwrap(await workspaceStub(services.env, created.workspace.id).describe());
  expect(live.map(({ name }) => name)).toEqual(expect.arrayContaining(["again", "first-again"]));
});
