import { expect, it } from "vitest";
import { connect, request, seedAccount } from "./mcp-client.fixture.ts";

/** Deployed with a test that a stub decides; reachable as an endpoint. */
const blueprint = {
  name: "refunds",
  workflows: [
    {
      name: "refund",
      nodes: [
        { id: "start", type: "trigger", config: { source: "endpoint" } },
        { id: "review", type: "human_review", config: { title: "Refund {{ input.amount }}?" } },
        {
          id: "pay",
          type: "action",
          config: { set: { name: "paid", value: "{{ input.amount }}" } },
        },
      ],
      edges: [
        { from: "start", to: "review" },
        { from: "review", port: "approved", to: "pay" },
      ],
      input: { type: "object", properties: { amount: { type: "number" } } },
    },
  ],
  endpoints: [{ name: "refund", workflow: "refund" }],
  tests: [
    {
      name: "a rejected refund is not paid",
      target: { kind: "workflow", name: "refund" },
      input: { amount: 7 },
      stubs: [{ match: "review", status: 200, body: { decision: "rejected" } }],
      expect: { output: { decision: "rejected" } },
    },
  ],
};

it("an agent cannot approve what it has started, by any way; another's request it can", async () => {
  const { call } = await connect(await seedAccount("reviews"));
  const must = async (name: string, input: Record<string, unknown>) => {
    const answer = await call(name, input);
    expect(answer.isError, answer.text).toBe(false);
    return answer.data;
  };
  const created = await must("create", { blueprint, workspace: "review-desk" });
  const resources = created["resources"] as { id: string; kind: string }[];
  const deployed = await must("deploy", { resources: resources.map(({ id }) => id) });
  expect(deployed["tests"]).toMatchObject([{ passed: true }]);

  const workflow = resources.find(({ kind }) => kind === "workflow")?.id;
  const answer = { action: "answer", step: "review", payload: { decision: "approved" } };
  const own = await must("invoke", { resource: workflow, input: { amount: 1 } });
  expect(own["state"]).toBe("waiting");
  expect(await must("get_run", { run_id: own["run_id"] })).toMatchObject({
    started_by: "@reviews",
    steps: [{}, { wait: { title: "Refund 1?", link: expect.stringContaining("/go/") } }],
  });
  const refused = await call("control_run", { run_id: own["run_id"], ...answer });
  expect([refused.isError, refused.text]).toEqual([true, expect.stringContaining("own-request")]);
  const forked = await must("control_run", {
    run_id: own["run_id"],
    action: "fork",
    step: "review",
  });
  const again = await call("control_run", { run_id: forked["new_run_id"], ...answer });
  expect(again.text).toContain("own-request");

  const issued = await must("issue_token", {
    workspace: "review-desk",
    member: "ada",
    inline: true,
  });
  const started = await request("/e/review-desk/refund", {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${String(issued["token"])}`,
    },
    body: JSON.stringify({ amount: 2 }),
  });
  const { run_id } = await started.json<{ run_id: string }>();
  await must("control_run", { run_id, ...answer });
  await expect.poll(async () => (await must("get_run", { run_id }))["status"]).toBe("succeeded");

  // What was approved cannot be swapped for something else behind the approval.
  const swap = { run_id, action: "fork", step: "pay", input: { amount: 1_000_000 } };
  const swapped = await call("control_run", swap);
  expect(swapped.text).toContain("run.fork-past-decision");
});
