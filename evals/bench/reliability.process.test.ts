import { beforeAll, expect, it } from "vitest";
import type { Findings } from "./reliability/ledger.ts";
import { runReliably } from "./reliability/run.ts";

/** Six workspaces: one upstream for every way to misbehave. */
const extent = { workspaces: 6, upstreams: 10, calls: 840, concurrency: 32 };
let found: Findings;

beforeAll(async () => {
  found = await runReliably(extent);
}, 300_000);

it("every call is answered once, but for those under way when the server was killed", () => {
  expect(found.calls).toBe(extent.calls);
  expect(found.duplicateAnswers).toBe(0);
  expect(found.unanswered).toBeLessThanOrEqual(extent.concurrency);
  expect(found.answers).toBe(found.calls - found.unanswered);
});

it("every answer has one row in the log of its workspace, and a row that was read once survives kill -9", () => {
  expect(found).toMatchObject({ duplicateRows: 0, strayRows: 0, settledRowsLost: 0 });
  expect(found.rows).toBeGreaterThanOrEqual(found.answers - found.rowsLost);
});

it("rows say what the answers said, and usage counts them all, before the kill and after", () => {
  expect(found.contradicted).toBe(0);
  expect(found.counted).toBe(found.rows);
});

it("an upstream that fails, lies or is slow shows in its own calls only, with a code that says why", () => {
  expect(found.unexplained).toEqual([]);
  expect([...found.outcomes.keys()]).toEqual(
    expect.arrayContaining([
      "ok",
      "tool.unknown",
      "mcp.http-status",
      "mcp.malformed",
      "mcp.unreachable",
      "mcp.timeout",
      "mcp.unavailable",
    ]),
  );
});
