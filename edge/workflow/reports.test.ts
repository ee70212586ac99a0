import { expect, it } from "vitest";
import type { Env } from "#edge/env";
import type { RunRow } from "#edge/gateway/records";
import { Reports } from "./reports.ts";

const rowOf = (id: string, status: RunRow["status"] = "running"): RunRow => ({
  id,
  workflow: "w",
  version: 1,
  status,
  trigger: "manual",
  startedAt: 1_000,
});
const heard = { ok: true, value: { isTraced: false } };

/** A workspace that answers each report as the test says, in turn. */
function workspaceOf(...answers: (() => unknown)[]) {
  const told: string[][] = [];
  const stub = {
    recordRuns(rows: readonly RunRow[]) {
      told.push(rows.map(({ id, status }) => `${id} ${status}`));
      return answers.shift()?.() ?? Promise.resolve(heard);
    },
  };
  return { told, env: { WORKSPACE: { getByName: () => stub } } as unknown as Env };
}

it("gathers what runs say while the workspace is being told, of each the last", async () => {
  const first = Promise.withResolvers<unknown>();
  const { told, env } = workspaceOf(() => first.promise);
  const reports = new Reports(env);
  const began = reports.tell("wks_1", rowOf("a"));
  await expect.poll(() => told).toEqual([["a running"]]);
  const later = [rowOf("a", "waiting"), rowOf("b"), rowOf("a", "failed")];
  const rest = later.map((row) => reports.tell("wks_1", row));
  first.resolve(heard);
  expect(await Promise.all([began, ...rest])).toEqual([heard, heard, heard, heard]);
  expect(told).toEqual([["a running"], ["a failed", "b running"]]);
});

it("a workspace that fails, or never answers, is told what comes after all the same", async () => {
  const { told, env } = workspaceOf(
    () => Promise.reject(new Error("It is down.")),
    () => new Promise(() => undefined),
  );
  const reports = new Reports(env, 1);
  await expect(reports.tell("wks_1", rowOf("a"))).rejects.toThrow("down");
  await expect(reports.tell("wks_1", rowOf("b"))).rejects.toMatchObject({
    code: "workspace.silent",
  });
  expect(await reports.tell("wks_1", rowOf("c"))).toEqual(heard);
  expect(told).toEqual([["a running"], ["b running"], ["c running"]]);
});
