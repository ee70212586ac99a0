import { expect, it } from "vitest";
import { abortSignalOf, Canceller } from "./cancel.ts";

it("tells who listens once, and nobody who stopped listening", () => {
  const cancel = new Canceller();
  const heard: string[] = [];
  const other = () => heard.push("other");
  cancel.addEventListener("abort", () => heard.push("one"));
  cancel.addEventListener("abort", other);
  cancel.removeEventListener("abort", other);
  cancel.abort("why");
  cancel.abort("again");
  expect(heard).toEqual(["one"]);
  expect(cancel).toMatchObject({ aborted: true, reason: "why" });
});

it("is the same to the runtime, asked for before or after", () => {
  const cancel = new Canceller();
  const before = abortSignalOf(cancel);
  expect(before.aborted).toBe(false);
  cancel.abort("why");
  expect(before).toMatchObject({ aborted: true, reason: "why" });
  const late = new Canceller();
  late.abort("late");
  expect(abortSignalOf(late)).toMatchObject({ aborted: true, reason: "late" });
});

it("tells all of them, whatever one of them throws", () => {
  const cancel = new Canceller();
  const heard: string[] = [];
  cancel.addEventListener("abort", () => {
    throw new Error("broken");
  });
  cancel.addEventListener("abort", () => heard.push("other"));
  expect(() => cancel.abort()).toThrow("broken");
  expect(heard).toEqual(["other"]);
});
