import { describe, expect, it } from "vitest";
import { mutations } from "./harness/mutations.ts";
import { runTasks } from "./harness/run-tasks.ts";
import { tasks } from "./tasks/index.ts";

/** What fails names its checks, so that the log alone says why. */
const failures = (results: Awaited<ReturnType<typeof runTasks>>) =>
  results
    .filter((one) => !one.passed)
    .map((one) => ({
      task: one.name,
      problem: one.problem,
      checks: one.checks.filter((check) => !check.passed),
    }));

describe("the harness", () => {
  it("passes every task with the scripted agent", async () => {
    const results = await runTasks(tasks);
    expect(failures(results)).toEqual([]);
    expect(results).toHaveLength(tasks.length);
  }, 300_000);

  it("fails every task whose agent must build something when it does nothing", async () => {
    const building = tasks.filter((one) => one.mutants);
    const results = await runTasks(building, { idle: true });
    expect(results.map((one) => [one.name, one.passed])).toEqual(
      building.map((one) => [one.name, false]),
    );
  }, 300_000);

  it.each(Object.entries(mutations))(
    "catches the wrong agent %s",
    async (name, mutate) => {
      const touched = tasks.filter((one) => one.mutants?.includes(name));
      const results = await runTasks(touched, { mutate });
      expect(touched.length).toBeGreaterThan(0);
      expect(results.map((one) => [one.name, one.passed])).toEqual(
        touched.map((one) => [one.name, false]),
      );
    },
    300_000,
  );
});
