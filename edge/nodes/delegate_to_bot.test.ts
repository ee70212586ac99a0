import { describe, expect, it } from "vitest";
import { checkBlueprint } from "#blueprints/check";
import { unwrap } from "#blueprints/outcome";
import { createResources } from "#edge/deploy/create";
import { deployResources } from "#edge/deploy/deploy";
import { testAccount } from "#edge/deploy/deploy.fixture";
import { type Place, place } from "#edge/gateway/gateway.fixture";
import { nodes } from "#edge/nodes/index";
import { minute, playClocked } from "#edge/workflow/clocked.fixture";
import { env, requestOf, set } from "#edge/workflow/run.fixture";
import type { RunRequest } from "#edge/workflow/run-api";
import { executeRun, runStub, startRun } from "#edge/workflow/start";

type Step = { type: string; config: object };
const bot = (step: Step, source = "bot") =>
  requestOf({ start: { type: "trigger", config: { source } }, step }, [["start", "step"]]).document;
const ask = (name: string, config: object = {}): Step => ({
  type: "delegate_to_bot",
  config: { bot: name, ...config },
});
const echo = set("answer", "{{ input }}");

/** A workspace with these workflows live. */
async function livePlace(flows: Record<string, RunRequest["document"]>): Promise<Place> {
  const where = await place();
  const items = Object.entries(flows).map(([name, definition]) => {
    return { kind: "workflow", name, version: 1, definition } as const;
  });
  unwrap(await where.stub.putLive(items));
  return where;
}

function turnIn(where: Place, name: string, step: Step): RunRequest {
  const input = { message: "Where is it?", conversation: "C1" };
  const more = { name, mode: "live", workspaceId: where.identity.id, input } as const;
  return { ...requestOf({ step }, [], more), document: bot(step), trigger: "bot" };
}
const read = async (id: string) => unwrap(await runStub(env, id).inspect());

/** What is heard of a bot whose run gives this. */
async function answered(given: unknown) {
  const document = bot(echo);
  const speaks = { ...document, workflow: { ...document.workflow, output: given } };
  const where = await livePlace({ billing: speaks });
  const run = turnIn(where, "front", ask("billing"));
  return (await executeRun(env, run, 20_000)).output as { answer: string | null };
}

const flow = (name: string, step?: Step, source = "bot") => ({
  name,
  nodes: [
    { id: "start", type: "trigger", config: { source } },
    ...(step ? [{ id: "step", ...step }] : []),
  ],
  edges: step ? [{ from: "start", to: "step" }] : [],
});

describe("a bot that asks another", () => {
  it("waits for its answer; the other hears what was said, by whom, and where", async () => {
    const where = await livePlace({ billing: bot(echo) });
    const run = turnIn(where, "front", ask("billing", { context: { customer: 7 } }));
    const { output } = await executeRun(env, run, 20_000);
    const heard = { message: "Where is it?", from: "front", conversation: "C1" };
    expect(output).toMatchObject({
      bot: "billing",
      status: "answered",
      output: { value: { ...heard, context: { customer: 7 } } },
    });
    const { run_id } = output as { run_id: string };
    expect(await read(run_id)).toMatchObject({ workflow: "billing", trigger: "bot" });
  });

  it("takes what was said from a text or from an agent's answer", async () => {
    expect((await answered("It is here.")).answer).toBe("It is here.");
    expect((await answered({ answer: "{{ input.message }}", turns: 2 })).answer).toBe(
      "Where is it?",
    );
    expect((await answered({ n: 1 })).answer).toBeNull();
  });

  it("fails with the bot's own error, and with one of its own when nobody answers in time", async () => {
    const where = await livePlace({ billing: bot(set("x", "{{ input.no }}")) });
    const { error } = await executeRun(env, turnIn(where, "front", ask("billing")), 20_000);
    expect(error?.code).toBe("bot.failed");
    const late = ask("billing", { timeout_minutes: 5 });
    await playClocked(turnIn(where, "front", late), async (table) => {
      expect(table.started).toMatchObject([{ workflow: "billing", trigger: "bot" }]);
      await table.restart();
      await table.pass(4 * minute);
      expect(table.step("step")?.status).toBe("waiting");
      await table.pass(minute);
      expect(table.step("step")?.error?.code).toBe("bot.no-answer");
      expect(table.started).toHaveLength(1);
    });
  });
});

describe("a bot that hands over", () => {
  it("is done; the other answers in a run of its own, which the first one's end does not touch", async () => {
    const slow = {
      type: "code_block",
      config: { code: "export default () => scheduler.wait(60_000);" },
    };
    const where = await livePlace({ sales: bot(slow) });
    const run = turnIn(where, "front", ask("sales", { mode: "handover", message: "Prices?" }));
    const { status, output } = await executeRun(env, run, 20_000);
    expect([status, output]).toMatchObject(["succeeded", { status: "handed_over", answer: null }]);
    const { run_id } = output as { run_id: string };
    expect(await read(run_id)).toMatchObject({
      status: "running",
      trigger: "bot",
      input: { message: "Prices?", from: "front", conversation: "C1" },
      detachedFrom: { runId: run.id, step: "step" },
    });
    unwrap(await runStub(env, run_id).cancel("enough"));
  });
});

describe("who may be delegated to", () => {
  it.each(["wait", "handover"])("not back to who asks, by %s", async (mode) => {
    const where = await livePlace({
      front: bot(ask("back", { mode })),
      back: bot(ask("front", { mode })),
    });
    const run = turnIn(where, "front", ask("back", { mode }));
    await startRun(env, run);
    await expect.poll(async () => (await read(run.id)).endedAt).toBeDefined();
    const back = (await read(run.id)).steps[1]?.children?.[0]?.id ?? "";
    await expect.poll(async () => (await read(back)).status).toBe("failed");
    expect((await read(back)).error).toMatchObject({ code: "run.calls-itself" });
    expect((await read(back)).error?.message).toContain("front -> back");
  });

  it("only bots, even where data names the workflow", async () => {
    const where = await livePlace({ payout: bot(echo, "endpoint") });
    const run = { ...turnIn(where, "front", ask("{{ input.to }}")), input: { to: "payout" } };
    expect((await executeRun(env, run, 20_000)).error?.code).toBe("workflow.not-a-bot");
    expect((await read(run.id)).steps[1]?.status).toBe("failed");
    const none = { ...run, id: `${run.id.slice(0, -3)}abc`, input: { to: "nobody" } };
    expect((await executeRun(env, none, 20_000)).error?.code).toBe("workflow.not-live");
  });

  it.each([
    ["unknown-bot", { workflows: [flow("front", ask("biling")), flow("billing")] }, /billing/],
    [
      "not-a-bot",
      { workflows: [flow("front", ask("billing")), flow("billing", undefined, "manual")] },
      /"source": "bot"/,
    ],
    [
      "unknown-bot",
      {
        workflows: [flow("front", ask("support")), flow("support_flow")],
        bots: [{ name: "support", workflow: "support_flow", platforms: ["telegram" as const] }],
      },
      /"bot": "support_flow"/,
    ],
  ])("is known before a deploy (%s)", (code, items, fix) => {
    const { issues } = checkBlueprint({ name: "desk", ...items }, nodes);
    expect(issues).toEqual([
      expect.objectContaining({
        code: `reference.${code}`,
        path: "workflows[0].nodes[1].config.bot",
        fix: expect.stringMatching(fix),
      }),
    ]);
  });

  it("goes live with it: a deploy without the bot is refused", async () => {
    const { services, actor } = await testAccount("delegates");
    const blueprint = {
      name: "delegates",
      workflows: [flow("front", ask("billing")), flow("billing")],
    };
    const { resources } = await createResources(services, actor, { blueprint });
    const ids = resources.map(({ id }) => id);
    const alone = deployResources(services, actor, { resources: ids.slice(0, 1) });
    await expect(alone).rejects.toMatchObject({ code: "deploy.not-live" });
    expect(await deployResources(services, actor, { resources: ids })).toMatchObject({
      state: "live",
    });
  });
});
