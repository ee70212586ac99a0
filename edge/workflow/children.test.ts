import { expect, it } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { type Place, place } from "#edge/gateway/gateway.fixture";
import { env, requestOf, set } from "./run.fixture.ts";
import type { RunRequest } from "./run-api.ts";
import { runStub, startRun } from "./start.ts";

type Step = { type: string; config: object };

const start = { type: "trigger" };
const calls = (workflow: string, input: unknown = {}) => ({
  type: "call_function",
  config: { workflow, input },
});

/** A workspace with these workflows live, each one step after its trigger. */
async function livePlace(steps: Record<string, Step>): Promise<Place> {
  const where = await place();
  unwrap(
    await where.stub.putLive(
      Object.entries(steps).map(([name, step]) => ({
        kind: "workflow",
        name,
        version: 1,
        definition: documentOf(step),
      })),
    ),
  );
  return where;
}

function documentOf(step: Step): RunRequest["document"] {
  return requestOf({ start, step }, [["start", "step"]]).document;
}

async function begin(where: Place, name: string, step: Step): Promise<RunRequest> {
  const run = requestOf({ start, step }, [["start", "step"]], {
    name,
    mode: "live",
    workspaceId: where.identity.id,
  });
  await startRun(env, run);
  return run;
}

const read = async (id: string) => unwrap(await runStub(env, id).inspect());

it("a step runs another workflow, waits, and hands on its output", async () => {
  const where = await livePlace({ inner: set("twice", "{{ input.n * 2 }}") });
  const run = await begin(where, "outer", calls("inner", { n: 21 }));
  await expect.poll(async () => (await read(run.id)).status).toBe("succeeded");
  const { output, steps } = await read(run.id);
  expect(output).toMatchObject({ value: 42 });
  const [child] = steps[1]?.children ?? [];
  expect(await read(child?.id ?? "")).toMatchObject({ workflow: "inner", trigger: "workflow" });
});

it("a cancelled run cancels what it started, and a child's failure is the step's", async () => {
  const where = await livePlace({
    slow: {
      type: "code_block",
      config: { code: "export default () => scheduler.wait(20_000);" },
    },
    broken: set("x", "{{ input.no }}"),
  });
  const run = await begin(where, "outer", calls("slow"));
  await expect.poll(async () => (await read(run.id)).status).toBe("waiting");
  const child = (await read(run.id)).steps[1]?.children?.[0]?.id ?? "";
  unwrap(await runStub(env, run.id).cancel("enough"));
  await expect.poll(async () => (await read(child)).status).toBe("cancelled");
  const failing = await begin(where, "other", calls("broken"));
  await expect.poll(async () => (await read(failing.id)).error?.code).toBe("workflow.failed");
});

it("nobody but the child says how it ended", async () => {
  const where = await livePlace({
    slow: {
      type: "code_block",
      config: { code: "export default () => scheduler.wait(20_000);" },
    },
  });
  const run = await begin(where, "outer", calls("slow"));
  await expect.poll(async () => (await read(run.id)).status).toBe("waiting");
  const forged = { status: "succeeded", output: { paid: true } };
  const owner = { kind: "account", name: "owner" } as const;
  const answered = await runStub(env, run.id).signal("step", "child", forged, owner);
  expect(answered).toMatchObject({ ok: false, error: { code: "signal.not-waiting" } });
  expect(await runStub(env, run.id).signal("step", undefined, forged, owner)).toMatchObject({
    error: { code: "signal.not-waiting" },
  });
  unwrap(await runStub(env, run.id).cancel("enough"));
});

it("workflows do not call each other in a circle", async () => {
  const where = await livePlace({ ping: calls("pong"), pong: calls("ping") });
  const run = await begin(where, "ping", calls("pong"));
  await expect.poll(async () => (await read(run.id)).error?.code).toBe("workflow.failed");
  expect((await read(run.id)).error?.message).toContain("run.calls-itself");
});
