import { expect, it } from "vitest";
import { checkBlueprint } from "#blueprints/check";
import { library } from "#blueprints/library/index";
import { unwrap } from "#blueprints/outcome";
import { workspaceStub } from "#edge/gateway/directory";
import { nodes } from "#edge/nodes/index";
import { createResources } from "./create.ts";
import { testAccount } from "./deploy.fixture.ts";
import { deployResources } from "./deploy.ts";

it.each(Object.entries(library))(
  "%s passes every check, deploys, and its tests hold",
  async (name, blueprint) => {
    expect(checkBlueprint(blueprint, nodes).issues).toEqual([]);
    const { services, actor } = await testAccount(`library-${name}`);
    const created = await createResources(services, actor, { blueprint, workspace: name });
    const stub = workspaceStub(services.env, created.workspace.id);
    for (const { name: secret, kind } of blueprint.secrets ?? []) {
      const value = kind === "url" ? "https://hooks.example.com/x" : "a-secret-value";
      unwrap(await stub.putSecret(secret, value));
    }
    const answer = await deployResources(services, actor, { blueprintId: created.blueprintId });
    expect(answer.tests.filter(({ passed }) => !passed)).toEqual([]);
    expect(answer.tests).toHaveLength(blueprint.tests?.length ?? 0);
    expect(answer.state).toBe("live");
  },
  30_000,
);
