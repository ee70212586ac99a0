import { exports } from "cloudflare:workers";
import { expect, it } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { workspaceStub } from "#edge/gateway/directory";
import { createResources } from "./create.ts";
import { leadBlueprint, testAccount } from "./deploy.fixture.ts";
import { deployResources } from "./deploy.ts";
import { rollback } from "./rollback.ts";

const wrong = `export default async function () { return { score: 1 }; }`;
const other = `export default async function () { return { score: 90 }; }`;

it("lets nothing take traffic before deploy", async () => {
  const { services, actor } = await testAccount("draft-owner");
  const created = await createResources(services, actor, {
    blueprint: leadBlueprint(),
    workspace: "drafts",
  });
  expect(created.resources).toMatchObject([
    { kind: "function", name: "score-lead", version: 1, state: "draft" },
    { kind: "workflow", name: "handle-lead", version: 1, state: "draft" },
    { kind: "endpoint", name: "lead", version: 1, state: "draft" },
  ]);
  const { live } = unwrap(await workspaceStub(services.env, created.workspace.id).describe());
  expect(live).toEqual([]);
});

it("makes tested versions live, all together, and says where they answer", async () => {
  const { services, actor } = await testAccount("live-owner");
  const { blueprintId, workspace } = await createResources(services, actor, {
    blueprint: leadBlueprint(),
    workspace: "living",
  });
  const answer = await deployResources(services, actor, { blueprintId });
  expect(answer.tests).toMatchObject([{ passed: true, output: { score: 90 } }]);
  expect(answer).toMatchObject({ state: "live", previous: [{ version: null }, {}, {}] });
  expect(answer.resources.at(-1)?.urls).toMatchObject({
    endpoint: "https://aerostack.test/e/living/lead",
  });
  const { live } = unwrap(await workspaceStub(services.env, workspace.id).describe());
  expect(live).toHaveLength(3);
});

it("documents an endpoint with an input that it answers", async () => {
  const { services, actor } = await testAccount("documenting-owner");
  const example = { employees: 7 };
  const tests = leadBlueprint().tests;
  const { workflows } = leadBlueprint();
  const own = workflows.map((one) => ({ ...one, input: { ...one.input, examples: [example] } }));
  const refusal = { ...tests[0]!, name: "refused", input: {}, expect: { error: "input.invalid" } };
  const documented = async (change: Parameters<typeof leadBlueprint>[0], workspace: string) => {
    const blueprint = leadBlueprint(change);
    const { blueprintId } = await createResources(services, actor, { blueprint, workspace });
    await deployResources(services, actor, { blueprintId });
    const url = `https://aerostack.test/e/${workspace}/lead`;
    const { paths } = await (
      await exports.default.fetch(`${url}/openapi.json`)
    ).json<{
      paths: Record<string, { post: { requestBody: { content: Record<string, object> } } }>;
    }>();
    const content = paths[`/e/${workspace}/lead`]?.post.requestBody.content["application/json"];
    const body = JSON.stringify((content as { example?: unknown }).example);
    return { body, answer: await exports.default.fetch(url, { method: "POST", body }) };
  };
  const tested = await documented({ tests: [refusal, ...tests] }, "documented-by-test");
  expect(JSON.parse(tested.body)).toEqual({ employees: 500 });
  expect(tested.answer.status).toBe(200);
  const written = await documented({ workflows: own }, "documented-by-author");
  expect(JSON.parse(written.body)).toEqual(example);
  expect(written.answer.status).toBe(200);
});

it("gives each webhook an address with 256 random bits, which stays over versions", async () => {
  const { services, actor } = await testAccount("hook-owner");
  const webhooks = ["one", "two"].map((name) => {
    return { name, workflow: "handle-lead", sender: "token" as const };
  });
  const addresses = async (description: string) => {
    const blueprint = leadBlueprint({ webhooks, description });
    const { blueprintId } = await createResources(services, actor, {
      blueprint,
      workspace: "hooked",
    });
    const { resources } = await deployResources(services, actor, { blueprintId });
    return resources.flatMap(({ urls }) => urls?.["webhook"] ?? []);
  };
  const first = await addresses("first");
  expect(first).toHaveLength(2);
  for (const url of first) expect(url).toMatch(/\/hooks\/hook_[A-Za-z0-9_-]{43}$/);
  const [one = "", two = ""] = first.map((url) => url.split("hook_")[1]);
  expect(one.slice(0, 10)).not.toBe(two.slice(0, 10));
  expect(await addresses("second")).toEqual(first);
});

it("keeps the previous version live when a test of the new one fails", async () => {
  const { services, actor } = await testAccount("careful-owner");
  const create = async (code?: string) =>
    createResources(services, actor, { blueprint: leadBlueprint({}, code), workspace: "careful" });
  const first = await create();
  await deployResources(services, actor, { blueprintId: first.blueprintId });
  const second = await create(wrong);
  const failed = await deployResources(services, actor, { blueprintId: second.blueprintId });
  expect(failed.state).toBe("failed");
  expect(failed.reason).toContain("output.score is 1, expected 90");
  const stub = workspaceStub(services.env, first.workspace.id);
  expect(unwrap(await stub.getLive("function", "score-lead"))).toMatchObject({ version: 1 });
});

it("restores exactly the version before on rollback", async () => {
  const { services, actor } = await testAccount("returning-owner");
  const create = async (code?: string) =>
    createResources(services, actor, {
      blueprint: leadBlueprint({}, code),
      workspace: "returning",
    });
  const first = await create();
  await deployResources(services, actor, { blueprintId: first.blueprintId });
  const second = await create(other);
  // The endpoint did not change, the workflow pins another function now.
  expect(second.resources.map(({ version }) => version)).toEqual([2, 2, 1]);
  await deployResources(services, actor, { blueprintId: second.blueprintId });
  const workflow = second.resources[1]?.id ?? "";
  expect(await rollback(services, actor, { resource: workflow })).toMatchObject({ from: 2, to: 1 });
  const stub = workspaceStub(services.env, first.workspace.id);
  const live = unwrap(await stub.getLive("workflow", "handle-lead"));
  expect(JSON.stringify(live)).toContain("input.employees > 100");
});
