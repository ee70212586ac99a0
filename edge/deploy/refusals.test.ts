import { expect, it } from "vitest";
import { toWireError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import { workspaceStub } from "#edge/gateway/directory";
import { createResources } from "./create.ts";
import { deleteResource } from "./delete.ts";
import { leadBlueprint, testAccount } from "./deploy.fixture.ts";
import { deployResources } from "./deploy.ts";
import { getResource } from "./get.ts";
import { withDeployLock } from "./lock.ts";
import { listResources } from "./resources.ts";
import { rollback } from "./rollback.ts";

async function failure(work: Promise<unknown>) {
  return toWireError(
    await work.then(
      () => undefined,
      (error: unknown) => error,
    ),
  );
}

it("names every issue of a blueprint that cannot work, and stores nothing", async () => {
  const { services, actor } = await testAccount("unsound");
  const blueprint = { name: "broken", endpoints: [{ name: "in", workflow: "nowhere" }] };
  const error = await failure(
    createResources(services, actor, { blueprint, workspace: "unsound" }),
  );
  expect(error).toMatchObject({ code: "blueprint.invalid" });
  expect(error.details?.["issues"]).toMatchObject([{ severity: "error", fix: expect.any(String) }]);
  expect((await listResources(services, actor, { kind: "workspace" })).items).toEqual([]);
});

it("does not deploy while a secret has no value, and links to where it is entered", async () => {
  const { services, actor } = await testAccount("secretive");
  const [score] = leadBlueprint().functions;
  const blueprint = leadBlueprint({
    functions: score ? [{ ...score, secrets: ["CRM_TOKEN"] }] : [],
    secrets: [{ name: "CRM_TOKEN", purpose: "Reads the CRM.", hosts: ["crm.example.com"] }],
  });
  const created = await createResources(services, actor, { blueprint, workspace: "secretive" });
  expect(created.secrets).toMatchObject([
    { name: "CRM_TOKEN", state: "missing", enterUrl: expect.stringContaining("/go/") },
  ]);
  const { blueprintId } = created;
  const error = await failure(deployResources(services, actor, { blueprintId }));
  expect(error).toMatchObject({
    code: "deploy.secrets-missing",
    details: { secrets: [{ name: "CRM_TOKEN", enter_url: expect.stringContaining("/go/") }] },
  });
  unwrap(await workspaceStub(services.env, created.workspace.id).putSecret("CRM_TOKEN", "value-1"));
  expect(await deployResources(services, actor, { blueprintId })).toMatchObject({ state: "live" });
});

it("does not deploy what refers to something that is not live", async () => {
  const { services, actor } = await testAccount("partial");
  const created = await createResources(services, actor, {
    blueprint: leadBlueprint(),
    workspace: "partial",
  });
  const endpoint = created.resources[2]?.id ?? "";
  const error = await failure(deployResources(services, actor, { resources: [endpoint] }));
  expect(error).toMatchObject({ code: "deploy.not-live" });
  expect(error.message).toContain('the workflow "handle-lead"');
});

it("answers for another account's things as for things that do not exist", async () => {
  const { services, actor } = await testAccount("victim");
  const created = await createResources(services, actor, {
    blueprint: leadBlueprint(),
    workspace: "victim-work",
  });
  const deployed = await deployResources(services, actor, { blueprintId: created.blueprintId });
  const { actor: thief } = await testAccount("thief");
  const own = created.resources[0]?.id ?? "";
  const pairs: [string, (id: string) => Promise<unknown>][] = [
    [own, (id) => getResource(services, thief, { kind: "function", id })],
    [own, (id) => deleteResource(services, thief, { kind: "function", id })],
    [own, (id) => rollback(services, thief, { resource: id })],
    [own, (id) => deployResources(services, thief, { resources: [id] })],
    [created.blueprintId, (id) => deployResources(services, thief, { blueprintId: id })],
    [deployed.deploymentId, (id) => getResource(services, thief, { kind: "deployment", id })],
    [deployed.tests[0]?.runId ?? "", (id) => getResource(services, thief, { kind: "run", id })],
    ["victim-work", (id) => listResources(services, thief, { kind: "secret", workspace: id })],
    ["victim-work", (id) => deleteResource(services, thief, { kind: "workspace", id })],
  ];
  for (const [id, ask] of pairs) {
    const absent = `${id.slice(0, -2)}zz`;
    const foreign = JSON.stringify(await failure(ask(id)));
    expect(foreign).toContain("not-found");
    expect(foreign.replaceAll(id, "ID")).toBe(
      JSON.stringify(await failure(ask(absent))).replaceAll(absent, "ID"),
    );
  }
  expect((await listResources(services, thief, { kind: "function" })).items).toEqual([]);
});

it("repeats the answer of a repeated key, not the effect, and refuses it for something else", async () => {
  const { services, actor } = await testAccount("repeater");
  const request = { blueprint: leadBlueprint(), workspace: "repeater", idempotencyKey: "k-1" };
  const first = await createResources(services, actor, request);
  expect(await createResources(services, actor, request)).toEqual(first);
  const other = { ...request, workspace: "repeater-two" };
  expect(await failure(createResources(services, actor, other))).toMatchObject({
    code: "idempotency.other-request",
  });
});

it("refuses a second deploy of a workspace while one is under way", async () => {
  const { services, actor } = await testAccount("hasty");
  const { blueprintId, workspace } = await createResources(services, actor, {
    blueprint: leadBlueprint(),
    workspace: "hasty",
  });
  await withDeployLock(services, workspace.id, async () => {
    expect(await failure(deployResources(services, actor, { blueprintId }))).toMatchObject({
      code: "deploy.busy",
    });
  });
  expect(await deployResources(services, actor, { blueprintId })).toMatchObject({ state: "live" });
});

it("does not delete what something live needs; a deleted workspace serves nothing", async () => {
  const { services, actor } = await testAccount("tidy");
  const { blueprintId, resources, workspace } = await createResources(services, actor, {
    blueprint: leadBlueprint(),
    workspace: "tidy",
  });
  await deployResources(services, actor, { blueprintId });
  const id = resources[0]?.id ?? "";
  expect(await failure(deleteResource(services, actor, { kind: "function", id }))).toMatchObject({
    code: "resource.in-use",
  });
  await deleteResource(services, actor, { kind: "workspace", id: "tidy" });
  expect(await workspaceStub(services.env, workspace.id).describe()).toMatchObject({
    ok: false,
    error: { code: "workspace.not-found" },
  });
  expect((await listResources(services, actor, { kind: "function" })).items).toEqual([]);
});
