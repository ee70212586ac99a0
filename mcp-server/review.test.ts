import { expect, it } from "vitest";
import { type Answer, connect, request, seedAccount } from "./mcp-client.fixture.ts";

/** Deployed with a test that a stub decides; reachable as an endpoint. */
function blueprintOf(config: Record<string, unknown>) {
  return {
    name: "refunds",
    workflows: [
      {
        name: "refund",
        nodes: [
          { id: "start", type: "trigger", config: { source: "endpoint" } },
          {
            id: "review",
            type: "human_review",
            config: { title: "Refund {{ input.amount }}?", ...config },
          },
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
}

type Input = Record<string, unknown>;
const step = "review";
const payload = { decision: "approved" };
const answer = { action: "answer", step, payload };
/** This file's own: others use up what one address may ask for. */
const address = { "cf-connecting-ip": "198.51.100.201" };

const post = (path: string, body: object, headers: Record<string, string>) =>
  request(path, {
    method: "POST",
    headers: { "content-type": "application/json", ...address, ...headers },
    body: JSON.stringify(body),
  });

/** An account whose agent has deployed the refunds; what it and the people around it can do. */
async function desk(slug: string, config: Input = {}) {
  const { call } = await connect(await seedAccount(slug));
  const must = async (name: string, input: Input) => {
    const answered = await call(name, input);
    expect(answered.isError, answered.text).toBe(false);
    return answered.data;
  };
  const created = await must("create", { blueprint: blueprintOf(config), workspace: slug });
  const resources = created["resources"] as { id: string; kind: string }[];
  const deployed = await must("deploy", { resources: resources.map(({ id }) => id) });
  expect(deployed["tests"]).toMatchObject([{ passed: true }]);
  return {
    call: (name: string, input: Input): Promise<Answer> => call(name, input),
    must,
    workflow: resources.find(({ kind }) => kind === "workflow")?.id,
    /** The token that the agent is shown. */
    inline: async (member: string, options: Input = {}) => {
      const input = { workspace: slug, member, inline: true, ...options };
      return String((await must("issue_token", input))["token"]);
    },
    /** The token that its member claims at the link. */
    claimed: async (member: string, proof?: string) => {
      const { claim_url: url } = await must("issue_token", { workspace: slug, member });
      const response = await request(new URL(String(url)).pathname, {
        method: "POST",
        headers: { accept: "application/json", "sec-fetch-site": "same-origin", ...address },
        body: new URLSearchParams(proof === undefined ? {} : { proof }),
      });
      const { token } = await response.json<{ token: string }>();
      expect(token).toMatch(/^wt_/);
      return token;
    },
    /** Starts a run at the endpoint; answers its id. */
    start: async (token: string) => {
      const headers = { authorization: `Bearer ${token}` };
      const response = await post(`/e/${slug}/refund`, { amount: 2 }, headers);
      return (await response.json<{ run_id: string }>()).run_id;
    },
    /** Decides as the holder of a token; answers the code of the refusal. */
    decide: async (run: string, token: string) => {
      const headers = { authorization: `Bearer ${token}`, prefer: "respond-async" };
      const response = await post(`/runs/${run}/answers`, { step, payload }, headers);
      const { error } = await response.json<{ error?: { code: string } }>();
      return error?.code;
    },
    settled: (run_id: string) =>
      expect.poll(async () => (await must("get_run", { run_id }))["status"]).toBe("succeeded"),
  };
}

it("an agent cannot approve what it has started, by any way; another's request it can", async () => {
  const { call, must, workflow, claimed, start, settled } = await desk("reviews");
  const own = await must("invoke", { resource: workflow, input: { amount: 1 } });
  expect(own["state"]).toBe("waiting");
  expect(await must("get_run", { run_id: own["run_id"] })).toMatchObject({
    started_by: "@reviews",
    steps: [{}, { wait: { title: "Refund 1?", link: expect.stringContaining("/go/") } }],
  });
  const refused = await call("control_run", { run_id: own["run_id"], ...answer });
  expect([refused.isError, refused.text]).toEqual([true, expect.stringContaining("own-request")]);
  const forked = await must("control_run", { run_id: own["run_id"], action: "fork", step });
  const again = await call("control_run", { run_id: forked["new_run_id"], ...answer });
  expect(again.text).toContain("own-request");

  const run_id = await start(await claimed("ada"));
  await must("control_run", { run_id, ...answer });
  await settled(run_id);

  // What was approved cannot be swapped for something else behind the approval.
  const swap = { run_id, action: "fork", step: "pay", input: { amount: 1_000_000 } };
  const swapped = await call("control_run", swap);
  expect(swapped.text).toContain("run.fork-past-decision");
});

it("who reads a run that waits is told who decides, where and until when", async () => {
  const { call, must, workflow, claimed, start } = await desk("told", { reviewers: ["maria"] });
  const run_id = await start(await claimed("ada"));
  const read = await call("get_run", { run_id });
  const [, waiting] = read.data["steps"] as { wait: { until: number; until_at: string } }[];
  const { until = 0, until_at: at = "" } = waiting?.wait ?? {};
  expect(Date.parse(at)).toBe(until);
  const [, next] = read.text.split("\n");
  expect(next).toContain(`waits until ${at} for a person's decision: maria may decide, never ada`);
  expect(next).toMatch(/at https:\/\/\S+\/go\/\S+, or with waiting_reviews .* of \/ws\/told/);
  const own = await must("invoke", { resource: workflow, input: { amount: 1 } });
  expect((await call("get_run", { run_id: own["run_id"] })).text).toContain("never @told");
});

it("a token that the agent was shown is the agent, whoever's name is on it", async () => {
  const { call, must, workflow, inline, claimed, start, decide, settled } = await desk("shown");
  const maria = await inline("maria");
  const own = await must("invoke", { resource: workflow, input: { amount: 1 } });
  expect(await decide(String(own["run_id"]), maria)).toBe("review.own-request");

  // The other way round: started with such a token, decided by key, or by another such token.
  const shop = await start(await inline("shop"));
  expect((await must("get_run", { run_id: shop }))["started_by"]).toBe("shop");
  const refused = await call("control_run", { run_id: shop, ...answer });
  expect(refused.text).toContain("own-request");
  expect(await decide(shop, maria)).toBe("review.own-request");
  const forShop = await call("control_run", { run_id: shop, action: "fork", step });
  const forked = String(forShop.data["new_run_id"]);
  expect(await decide(forked, maria)).toBe("review.own-request");
  expect(await decide(shop, await claimed("shop"))).toBe("review.own-request");
  expect(await decide(shop, await claimed("otto"))).toBeUndefined();
  await settled(shop);
});

it("an agent that holds many tokens is one reviewer, and none of those that are named", async () => {
  const two = await desk("quorum", { approvals: 2 });
  const run = await two.start(await two.claimed("ada"));
  await two.must("control_run", { run_id: run, ...answer });
  expect(await two.decide(run, await two.inline("maria"))).toBe("review.answered-already");
  expect(await two.decide(run, await two.inline("bot", { role: "read-only" }))).toBe(
    "review.not-reviewer",
  );
  expect(await two.decide(run, await two.claimed("maria"))).toBeUndefined();
  await two.settled(run);

  const reviewers = ["maria", "role:admin", "@named"];
  const named = await desk("named", { reviewers });
  const other = await named.start(await named.claimed("ada"));
  for (const role of ["admin", "read-only"]) {
    const shown = await named.inline("maria", { role });
    expect(await named.decide(other, shown)).toBe("review.not-reviewer");
  }
  expect(await named.decide(other, await named.claimed("maria"))).toBeUndefined();
  await named.settled(other);
});

it("a reviewer who is named as an account has proven it with their key", async () => {
  const key = await seedAccount("bob");
  const { inline, claimed, start, decide, settled } = await desk("proven", {
    reviewers: ["@bob"],
  });
  const run = await start(await claimed("ada"));
  expect(await decide(run, await inline("@bob"))).toBe("review.not-reviewer");
  expect(await decide(run, await claimed("@bob", key))).toBeUndefined();
  await settled(run);
});
