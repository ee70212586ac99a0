import { expect, it } from "vitest";
import { nextAct } from "./next-act.ts";
import { payloadOf, splitText } from "./words.ts";

const wrote = (seq: number, user: string, state: "queued" | "turn" = "queued") => {
  return { seq, user, state };
};
const asked = (user: string, afterSeq: number, answered = false) => ({ user, afterSeq, answered });

const under = (...users: string[]) => users.map((user) => ({ user }));
const two = [wrote(2, "b"), wrote(3, "a")];

it.each<[string, [string, number] | undefined, Parameters<typeof nextAct>]>([
  ["nobody wrote", undefined, [[], [], []]],
  ["the first begins", ["start", 2], [two, [], []]],
  ["one at a time", undefined, [[wrote(2, "b")], [], under("a")]],
  ["interrupted: again", ["start", 1], [[wrote(1, "a", "turn"), ...two], [], under("a")]],
  ["an answer", ["answer", 3], [[wrote(3, "a")], [asked("a", 1)], under("a")]],
  ["who is asked delays nobody", ["start", 2], [[wrote(2, "b")], [asked("a", 1)], under("a")]],
  ["past who waits", ["answer", 3], [two, [asked("a", 1)], under("a", "c")]],
  ["written before the question", undefined, [[wrote(2, "a")], [asked("a", 2)], under("a")]],
  ["answered already", undefined, [[wrote(3, "a")], [asked("a", 1, true)], under("a")]],
  ["a question of no turn", ["start", 2], [two, [asked("a", 1)], []]],
])("what comes next: %s", (_, expected, given) => {
  const act = nextAct(...given);
  expect(act && [act.kind, act.message.seq]).toEqual(expected);
});

it.each([
  [" 123456\n", { code: "123456" }],
  ["RESEND", { resend: true }],
  ["/resend", { resend: true }],
  ["constructor", { code: "constructor" }],
  [" ", undefined],
])("%j is the answer %j", (text, payload) => {
  const inWords = { field: "code", words: { resend: { resend: true } } };
  expect(payloadOf(text, inWords)).toEqual(payload);
});

it("words that no field takes are no answer", () => {
  expect(payloadOf("hello", { words: { yes: true } })).toBeUndefined();
  expect(payloadOf("Yes", { words: { yes: true } })).toBe(true);
});

it("splits between lines, else between words, else anywhere but within a character", () => {
  expect(splitText("short", 10)).toEqual(["short"]);
  expect(splitText("  ", 10)).toEqual([]);
  expect(splitText("one two\nthree four", 10)).toEqual(["one two", "three four"]);
  expect(splitText("one two three", 8)).toEqual(["one two", "three"]);
  expect(splitText(`${"x".repeat(9)}😀y`, 10)).toEqual(["xxxxxxxxx", "😀y"]);
});
