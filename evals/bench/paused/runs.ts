import { BugError } from "#blueprints/error";
import type { RunningServer } from "#edge/local/server";
import { connect } from "#evals/harness/client";
import { claim } from "#evals/harness/person";
import { time } from "../bench.ts";
import { send } from "../http-client.ts";

/** Runs that wait for a person: how they come to be, and how they end. */

const setN = { type: "action", config: { set: { name: "n", value: "{{ input.n }}" } } };

/** A step, a question to a person, a step; answers the token of who starts runs. */
export async function deployAsking({ url, accountKey }: RunningServer): Promise<string> {
  const workflow = {
    name: "asks",
    nodes: [
      { id: "start", type: "trigger", config: { source: "endpoint" } },
      { id: "one", ...setN },
      { id: "review", type: "human_review", config: { title: "Go on with {{ input.n }}?" } },
      { id: "two", ...setN },
    ],
    edges: [
      { from: "start", to: "one" },
      { from: "one", to: "review" },
      { from: "review", port: "approved", to: "two" },
    ],
    output: { n: "{{ vars.n }}" },
  };
  const blueprint = {
    name: "paused",
    workflows: [workflow],
    endpoints: [{ name: "asks", workflow: "asks" }],
  };
  const agent = await connect(`${url}/mcp`, accountKey, "2.x");
  try {
    const created = await agent.must("create", { blueprint, workspace: "paused" });
    const resources = (created["resources"] as { id: string }[]).map(({ id }) => id);
    await agent.must("deploy", { resources });
    // Claimed, so that it is not the account's own: the account is to decide about its runs.
    const member = { member: "starter", role: "developer" };
    const issued = await agent.must("issue_token", { workspace: "paused", ...member });
    return await claim(String(issued["claim_url"]));
  } finally {
    await agent.close();
  }
}

interface Answer {
  readonly run_id: string;
  readonly status: string;
}

/** Starts runs, 16 at once, each until it waits; `n` counts them. */
export async function pauseMany({ url }: RunningServer, token: string, count: number) {
  const ids: string[] = [];
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const begin = async () => {
    const body = JSON.stringify({ n: ids.length });
    const text = await send(`${url}/e/paused/asks`, headers, body);
    const { run_id: id, status } = JSON.parse(text) as Answer;
    if (status !== "waiting") throw new BugError("bench.wrong-answer", text.slice(0, 300));
    ids.push(id);
  };
  return { ids, timing: await time(begin, { count, concurrency: 16, warmup: 0 }) };
}

/** Approves them one after the other; from the answer of the person to the end of the run. */
export async function resumeAll({ url, accountKey }: RunningServer, ids: readonly string[]) {
  let [next, ended] = [0, 0];
  const approve = async () => {
    const at = next++;
    const headers = {
      Authorization: `Bearer ${accountKey}`,
      "Content-Type": "application/json",
    };
    const body = JSON.stringify({ step: "review", payload: { decision: "approved" } });
    const text = await send(`${url}/runs/${ids[at]}/answers`, headers, body);
    if ((JSON.parse(text) as Answer).status === "succeeded") ended += 1;
  };
  const timing = await time(approve, { count: ids.length, warmup: 0 });
  return { ended, timing };
}
