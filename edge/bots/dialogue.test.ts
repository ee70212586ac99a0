import { afterEach, expect, it, vi } from "vitest";
import { deliver, gatedBot, heard, liveBot, update, vendors } from "./chat.fixture.ts";

afterEach(() => vi.restoreAllMocks());

/** A code that was not sent. */
const wrong = (code: string) => code.replace(/^./, (first) => (first === "1" ? "2" : "1"));

it("lets a person prove an address by words, answers, and knows them in the next turn", async () => {
  const { said, texts, code } = vendors();
  const { url } = await liveBot(gatedBot());
  const write = async (id: number, text: string, count: number) => {
    expect((await deliver(url, update(id, text))).status).toBe(200);
    await heard(texts, count);
    return texts().at(-1);
  };
  expect(await write(1, "Hello", 1)).toMatch(
    /^Sign in to Acme\nA code was sent to a…@example\.com\.\nhttps:/,
  );
  expect(await write(2, wrong(code()), 2)).toContain("That is not right; 4 attempts left.");
  expect(await write(3, "Resend", 3)).toContain("Wait a little.");
  expect(await write(4, "which code do you mean, please?", 4)).toBe(
    'Write the code, or "resend" for another one.',
  );
  expect(await write(5, ` ${code()} `, 5)).toBe("Hello ada@example.com.");
  expect(await write(6, "And now?", 6)).toBe("Welcome back, ada@example.com.");
  expect(said.every(({ chat_id }) => chat_id === 11)).toBe(true);
});
