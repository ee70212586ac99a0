import { expect, it } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { createId } from "#edge/id";
import { env, historyOf, requestOf, set } from "./run.fixture.ts";
import { executeRun, forkRun, runStub } from "./start.ts";

const run = requestOf(
  {
    start: { type: "trigger" },
    one: set("one", "{{ input.n }}"),
    each: { type: "loop", config: { items: [1, 2, 3] } },
    body: set("sum", "{{ item + steps.one.output.value }}"),
    last: set("last", "{{ steps.each.output.count }}"),
  },
  [
    ["start", "one"],
    ["one", "each"],
    ["each", "body", "each"],
    ["each", "last", "done"],
  ],
  { input: { n: 10 } },
);

it("a fork runs again from its step on, with what finished before taken over", async () => {
  await executeRun(env, run, 5_000);
  const made = createId("run", Date.now());
  await forkRun(env, run.id, {
    id: made,
    step: "last",
    config: { set: { name: "last", value: 7 } },
  });
  expect(unwrap(await runStub(env, made).result(5_000)).output).toMatchObject({ value: 7 });
  const started = (await historyOf(made)).filter(({ type }) => type === "step-started");
  expect(started.map(({ step }) => step)).toEqual(
    (await historyOf(run.id)).filter(({ type }) => type === "step-started").map(({ step }) => step),
  );
  const steps = unwrap(await runStub(env, made).inspect()).steps;
  const before = unwrap(await runStub(env, run.id).inspect()).steps;
  // Taken over, not run again: the times are those of the first run.
  expect(steps[1]).toEqual(before[1]);
});

it("a fork inside a loop goes on with the pass it names, and with another input", async () => {
  await executeRun(env, run, 5_000);
  const made = createId("run", Date.now());
  await forkRun(env, run.id, { id: made, step: "each[1]/body", input: { n: 50 } });
  const { status } = unwrap(await runStub(env, made).result(5_000));
  expect(status).toBe("succeeded");
  const outputs = unwrap(await runStub(env, made).inspect()).steps;
  expect(outputs.find(({ id }) => id === "each[0]/body")?.output).toMatchObject({ value: 11 });
  expect(outputs.find(({ id }) => id === "each[2]/body")?.output).toMatchObject({ value: 13 });
});

it("refuses a step that the run did not start", async () => {
  await executeRun(env, run, 5_000);
  const id = createId("run", Date.now());
  await expect(forkRun(env, run.id, { id, step: "nowhere" })).rejects.toMatchObject({
    code: "run.unknown-step",
  });
});
