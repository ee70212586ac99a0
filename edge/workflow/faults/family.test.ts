import { abortAllDurableObjects } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { type Place, place } from "#edge/gateway/gateway.fixture";
import { requestRun } from "#edge/triggers/live-workflow";
import { env, historyOf, requestOf, set } from "#edge/workflow/run.fixture";
import { createId } from "#edge/id";
import type { LiveWorkflow } from "#edge/gateway/live-items";
import { runStub, startRun } from "#edge/workflow/start";

const start = { type: "trigger" };
type Step = { type: string; config: object };

const review: Step = { type: "human_review", config: { title: "Go on?" } };
const calls = (workflow: string): Step => ({
  type: "call_function",
  config: { workflow, input: {} },
});
const documentOf = (step: Step): LiveWorkflow =>
  requestOf({ start, step }, [["start", "step"]]).document;

/** A workspace with these workflows live, each one step after its trigger. */
async function livePlace(steps: Record<string, Step>, version = 1, where?: Place): Promise<Place> {
  const there = where ?? (await place());
  const items = Object.entries(steps).map(([name, step]) => ({
    kind: "workflow" as const,
    name,
    version,
    definition: documentOf(step),
  }));
  unwrap(await there.stub.putLive(items));
  return there;
}

async function begin(where: Place, workflow: string): Promise<string> {
  const runId = createId("run", Date.now());
  const request = await requestRun(env, {
    workspaceId: where.identity.id,
    workflow,
    runId,
    trigger: "manual",
    input: {},
    baseUrl: "https://aerostack.test",
    startedBy: "agent",
  });
  await startRun(env, request);
  return runId;
}

const read = async (id: string) => unwrap(await runStub(env, id).inspect());
const statusOf = async (id: string) => (await read(id)).status;
const childOf = async (id: string) => (await read(id)).steps[1]?.children?.[0]?.id ?? "";
const by = { kind: "account", name: "acme" } as const;
const approve = async (id: string) =>
  unwrap(await runStub(env, id).signal("step", undefined, { decision: "approved" }, by));

describe("fault 28: a run that another one started", () => {
  it("and that ends while that one is evicted is heard of once", async () => {
    const where = await livePlace({ outer: calls("inner"), inner: review });
    const parent = await begin(where, "outer");
    await expect.poll(() => childOf(parent)).not.toBe("");
    const child = await childOf(parent);
    await expect.poll(() => statusOf(child)).toBe("waiting");
    await abortAllDurableObjects();
    await approve(child);
    await expect.poll(() => statusOf(parent)).toBe("succeeded");
    await abortAllDurableObjects();
    expect(await statusOf(child)).toBe("succeeded");
    const heard = (await historyOf(parent)).filter(({ type }) => type === "signal-received");
    expect(heard).toHaveLength(1);
  });

  it("ends with it, however deep, also after an eviction", async () => {
    const where = await livePlace({
      outer: calls("middle"),
      middle: calls("inner"),
      inner: review,
    });
    const top = await begin(where, "outer");
    await expect.poll(() => childOf(top)).not.toBe("");
    const middle = await childOf(top);
    await expect.poll(() => childOf(middle)).not.toBe("");
    const inner = await childOf(middle);
    await expect.poll(() => statusOf(inner)).toBe("waiting");
    await abortAllDurableObjects();
    unwrap(await runStub(env, top).cancel("enough"));
    await expect.poll(() => statusOf(inner)).toBe("cancelled");
    expect(await statusOf(middle)).toBe("cancelled");
  });

  it("is at most eight deep", async () => {
    const names = Array.from({ length: 10 }, (_, index) => `w${index}`);
    const steps = names.map(
      (name, index) => [name, names[index + 1] ? calls(names[index + 1]!) : set("n", 1)] as const,
    );
    const where = await livePlace(Object.fromEntries(steps));
    const fits = await begin(where, "w1");
    const tooDeep = await begin(where, "w0");
    await expect.poll(() => statusOf(fits), { timeout: 10_000 }).toBe("succeeded");
    await expect.poll(() => statusOf(tooDeep), { timeout: 10_000 }).toBe("failed");
    expect((await read(tooDeep)).error?.message).toContain("run.too-deep");
  });

  it("of a workflow that is not there fails its step with the name of it", async () => {
    const where = await livePlace({ outer: calls("nobody") });
    const parent = await begin(where, "outer");
    await expect.poll(() => statusOf(parent)).toBe("failed");
    expect((await read(parent)).error).toMatchObject({ code: "workflow.not-live", step: "step" });
  });
});

describe("fault 19: a workflow that is changed or taken away", () => {
  it("while a run of it waits: the run ends as it began, the next one is of the new version", async () => {
    const where = await livePlace({ flow: review });
    const old = await begin(where, "flow");
    await expect.poll(() => statusOf(old)).toBe("waiting");
    await livePlace({ flow: set("n", 2) }, 2, where);
    const next = await begin(where, "flow");
    await expect.poll(() => statusOf(next)).toBe("succeeded");
    unwrap(await where.stub.removeLive([{ kind: "workflow", name: "flow" }]));
    await abortAllDurableObjects();
    await approve(old);
    await expect.poll(() => statusOf(old)).toBe("succeeded");
    expect(await read(old)).toMatchObject({ version: 1, output: { decision: "approved" } });
    expect((await read(next)).version).toBe(2);
  });
});

describe("fault 18: a node type that is gone", () => {
  it("is an error of its step, and the run can be read", async () => {
    const run = requestOf({ start, step: set("n", 1) }, [["start", "step"]]);
    const [first, second] = run.document.workflow.nodes;
    const nodes = [first!, { ...second!, type: "retired" }];
    const document = { ...run.document, workflow: { ...run.document.workflow, nodes } };
    await startRun(env, { ...run, document });
    await expect.poll(() => statusOf(run.id)).toBe("failed");
    await abortAllDurableObjects();
    expect((await read(run.id)).error).toMatchObject({ code: "step.unknown-type", step: "step" });
  });
});

describe("fault 26: two who start one run", () => {
  it("at once get one run with one start; the input of the first counts", async () => {
    const run = requestOf({ start, step: set("n", "{{ input.n }}") }, [["start", "step"]], {
      input: { n: 1 },
    });
    await Promise.all(Array.from({ length: 20 }, () => startRun(env, run)));
    await expect.poll(() => statusOf(run.id)).toBe("succeeded");
    const types = (await historyOf(run.id)).map(({ type }) => type);
    expect(types.filter((type) => type === "run-started")).toHaveLength(1);
    expect(types.filter((type) => type === "step-started")).toHaveLength(2);
  });
});
