import { runInDurableObject } from "cloudflare:test";
import { env as testEnv, exports } from "cloudflare:workers";
import { afterEach, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import type { Env } from "#edge/env";
import { runStub } from "#edge/workflow/start";
import { deliver, heard, liveBot, vendors } from "./chat.fixture.ts";
import { gatedBot, update } from "./telegram.fixture.ts";

const env = testEnv as unknown as Env;
afterEach(() => vi.restoreAllMocks());

/** A code that was not sent. */
const wrong = (code: string) => code.replace(/^./, (first) => (first === "1" ? "2" : "1"));

/** Writes, and answers what the bot says next. */
function talk(url: string, texts: (chat?: number) => string[]) {
  let id = 0;
  return async (text: string, from = 11) => {
    const before = texts(from).length;
    expect((await deliver(url, update((id += 1), text, { from }))).status).toBe(200);
    await heard(() => texts(from), before + 1);
    return texts(from).at(-1);
  };
}

/** Everything that is stored of conversations and runs of a workspace. */
async function stored(where: Awaited<ReturnType<typeof liveBot>>, conversation: string) {
  const rows = await runInDurableObject(
    env.CONVERSATION.get(env.CONVERSATION.idFromName(conversation)),
    (_, { storage }) =>
      ["origin", "inbox", "waits", "outbox", "history", "identities"].map((table) =>
        storage.sql.exec(`SELECT * FROM ${table}`).toArray(),
      ),
  );
  const runs = unwrap(await where.stub.listRuns({}));
  const traces = await Promise.all(runs.map(({ id }) => runStub(env, id).inspect()));
  return { rows: JSON.stringify(rows), traces: traces.map(unwrap) };
}

it("lets a person prove an address by words, answers, and knows them in the next turn", async () => {
  let passed = 0;
  const now = Date.now.bind(Date);
  vi.spyOn(Date, "now").mockImplementation(() => now() + passed);
  const { said, mails, texts, code } = vendors();
  const where = await liveBot(gatedBot());
  const write = talk(where.url, texts);
  expect(await write("Hello")).toMatch(
    /^Sign in to Acme\nA code was sent to a…@example\.com\.\nhttps:\/\/.*\/go\//,
  );
  expect(await write(wrong(code()))).toContain("That is not right; 4 attempts left.");
  expect(await write("Resend")).toContain("Wait a little.");
  passed = 11_000;
  expect(await write("/resend")).toContain("Sent again.");
  expect(mails).toHaveLength(2);
  expect(await write("which code do you mean, please?")).toBe(
    'Write the code, or "resend" for another one.',
  );
  const right = code();
  expect(await write(` ${right.slice(0, 3)} ${right.slice(3)} `)).toBe("Hello ada@example.com.");
  expect(await write("And now?")).toBe("Welcome back, ada@example.com.");
  expect(said.every(({ chat_id }) => chat_id === 11)).toBe(true);

  // Another person in another chat is somebody else.
  expect(await write("Me too", 12)).toContain("A code was sent");

  const [first] = unwrap(await where.stub.listRuns({})).filter(
    ({ status }) => status !== "waiting",
  );
  const trace = unwrap(await runStub(env, first?.id ?? "").inspect());
  const { conversation } = trace.input as { conversation: { id: string } };
  const { rows, traces } = await stored(where, conversation.id);
  expect(rows).not.toContain(right);
  expect(JSON.stringify(traces)).not.toContain(right);
  const second = traces.find(({ input }) => (input as { message: string }).message === "And now?");
  expect(second?.input).toEqual({
    message: "And now?",
    conversation: {
      id: conversation.id,
      platform: "telegram",
      thread: "11",
      user: { id: "11", name: "User 11" },
      identity: {
        address: "ada@example.com",
        channel: "email",
        verified_at: expect.stringMatching(/Z$/),
      },
    },
    history: [
      { from: "user", user: "11", text: "Hello", at: expect.any(Number) },
      { from: "bot", text: "Hello ada@example.com.", at: expect.any(Number) },
    ],
  });
});

it("forgets an identity at its time", async () => {
  let passed = 0;
  const now = Date.now.bind(Date);
  vi.spyOn(Date, "now").mockImplementation(() => now() + passed);
  const { texts, code } = vendors();
  const { url } = await liveBot(gatedBot());
  const write = talk(url, texts);
  await write("Hello");
  expect(await write(code())).toBe("Hello ada@example.com.");
  passed = 25 * 3_600_000;
  expect(await write("A day later")).toContain("A code was sent");
});

it("locks after the attempts, says how it ended, and takes the next message", async () => {
  const { texts, code } = vendors();
  const { url } = await liveBot(gatedBot());
  const write = talk(url, texts);
  await write("Hello");
  for (const left of [4, 3, 2, 1]) {
    expect(await write(wrong(code()))).toContain(`${left} attempts left`);
  }
  expect(await write(wrong(code()))).toBe("You could not be verified.");
  expect(await write("Again")).toContain("A code was sent");
});

it("takes a link by its page, and tells who writes instead to open it", async () => {
  const blueprint = gatedBot();
  Object.assign(blueprint.workflows![0]!.nodes[2]!.config!, { method: "magic_link" });
  const { texts, mails } = vendors();
  const { url } = await liveBot(blueprint);
  const write = talk(url, texts);
  expect(await write("Hello")).toContain("A link was sent");
  expect(await write("123456")).toBe('Open the link that was sent, or write "resend".');
  const link = /https:\S+\/go\/\S+/.exec(mails[0] ?? "")?.[0] ?? "";
  const headers = { accept: "application/json", "sec-fetch-site": "same-origin" };
  const opened = await exports.default.fetch(link, {
    method: "POST",
    headers,
    body: new FormData(),
  });
  expect(opened.status).toBe(200);
  await heard(texts, 3);
  expect(texts().at(-1)).toBe("Hello ada@example.com.");
});
