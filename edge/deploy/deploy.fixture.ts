import { blueprintSchema, type BlueprintInput } from "#blueprints/blueprint";
import { accounts } from "#edge/db/tables/accounts";
import { createId } from "#edge/id";
import type { AccountActor } from "#edge/identity/actor";
import { testServices } from "#edge/identity/services.fixture";
import type { Services } from "#edge/services";

/** An account of its own, so that tests do not meet in each other's rows. */
export async function testAccount(name: string, services: Services = testServices()) {
  const accountId = createId("acc", services.now());
  await services.db
    .insert(accounts)
    .values({ id: accountId, name, operator: false, createdAt: services.now() });
  const actor: AccountActor = { kind: "account", accountId, name, operator: false };
  return { services, actor };
}

const score = `export default async function (input: { employees: number }) {
  return { score: input.employees > 100 ? 90 : 20 };
}`;

const input = {
  type: "object",
  properties: { employees: { type: "number" } },
  required: ["employees"],
};

/** A function behind a workflow behind an endpoint, with a test each. */
export function leadBlueprint(change: Partial<BlueprintInput> = {}, code: string = score) {
  const blueprint: BlueprintInput = {
    name: "leads",
    functions: [
      {
        name: "score-lead",
        description: "Scores a lead by the size of its company.",
        code,
        input,
        output: { type: "object", properties: { score: { type: "number" } } },
      },
    ],
    workflows: [
      {
        name: "handle-lead",
        input,
        nodes: [
          { id: "start", type: "trigger", config: { source: "endpoint" } },
          { id: "score", type: "call_function", config: { function: "score-lead" } },
        ],
        edges: [{ from: "start", to: "score" }],
        output: { score: "{{ steps.score.output.score }}" },
      },
    ],
    endpoints: [{ name: "lead", workflow: "handle-lead", auth: "public" }],
    tests: [
      {
        name: "a large company scores high",
        target: { kind: "workflow", name: "handle-lead" },
        input: { employees: 500 },
        expect: { output: { score: 90 }, visited: ["score"] },
      },
    ],
    ...change,
  };
  return blueprintSchema.parse(blueprint);
}
