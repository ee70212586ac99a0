import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Canceller } from "./cancel.ts";
import { Deadlines } from "./deadlines.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("lets each deadline expire at its own time, whichever was set first", () => {
  const deadlines = new Deadlines(Date.now);
  const expired: string[] = [];
  deadlines.after(300, () => expired.push("late"));
  deadlines.after(100, () => expired.push("early"));
  deadlines.after(200, () => expired.push("middle"));
  vi.advanceTimersByTime(99);
  expect(expired).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(expired).toEqual(["early"]);
  vi.advanceTimersByTime(200);
  expect(expired).toEqual(["early", "middle", "late"]);
});

it("lets none expire that was called off, and goes on with the others", () => {
  const deadlines = new Deadlines(Date.now);
  const expired: string[] = [];
  const done = deadlines.after(100, () => expired.push("one"));
  deadlines.after(200, () => expired.push("other"));
  done();
  deadlines.rest();
  vi.advanceTimersByTime(200);
  expect(expired).toEqual(["other"]);
});

it("keeps one timer while something is under way, and none at rest", () => {
  const deadlines = new Deadlines(Date.now);
  const ends = [500, 100, 300].map((limit) => deadlines.after(limit, () => undefined));
  expect(vi.getTimerCount()).toBe(1);
  for (const end of ends) end();
  deadlines.rest();
  expect(vi.getTimerCount()).toBe(0);
});

it("what was cancelled before it began begins cancelled", async () => {
  const outer = new Canceller();
  outer.abort("revoked");
  const begun = new Deadlines(Date.now).run(1_000, outer, (signal) =>
    Promise.resolve([signal.aborted, signal.reason]),
  );
  expect(await begun).toEqual([true, "revoked"]);
});
