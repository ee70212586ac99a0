import { runInDurableObject } from "cloudflare:test";
import { env as testEnv } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import type { Env } from "#edge/env";
import { runStub } from "#edge/workflow/start";
import { deliver, heard, liveBot, until, vendors } from "./chat.fixture.ts";
import { gatedBot, plainBot, token, update, webhookSecret } from "./telegram.fixture.ts";
import { startLive } from "./start-live.fixture.ts";

const env = testEnv as unknown as Env;
afterEach(() => vi.restoreAllMocks());

const get = (id: string, url: string) => ({ id, type: "action", config: { method: "GET", url } });
const call = get("call", "https://slow.test/{{ run.id }}");
const slow = { egress: ["slow.test"] };
const team = -1_001_234_567_890;
const runsOf = async (where: Awaited<ReturnType<typeof liveBot>>) =>
  unwrap(await where.stub.listRuns({}));

/** A server that answers when it is let to; it is asked with the run's id. */
function held() {
  const asked: string[] = [];
  let released = 0;
  const hosts = {
    async "slow.test"({ url }: Request) {
      const place = asked.push(new URL(url).pathname.slice(1));
      await until(() => released >= place);
      return Response.json({ ok: true });
    },
  };
  const release = async (count: number) => {
    await vi.waitFor(() => expect(asked.length).toBeGreaterThanOrEqual(count));
    released = count;
  };
  return { asked, hosts, release };
}

describe("a delivery", () => {
  it("counts once, however often and at whatever moment it comes", async () => {
    const { texts } = vendors();
    const where = await liveBot(plainBot([]));
    const twice = await Promise.all([1, 1].map((id) => deliver(where.url, update(id, "One"))));
    expect(twice.map(({ status }) => status)).toEqual([200, 200]);
    await heard(texts, 1);
    expect((await deliver(where.url, update(1, "One"))).status).toBe(200);
    await deliver(where.url, update(2, "Two"));
    await heard(texts, 2);
    expect(texts()).toEqual(["You said One.", "You said Two."]);
    expect(await runsOf(where)).toHaveLength(2);
  });

  it("of nobody knows is told the same, whatever is wrong with it", async () => {
    const { seen } = vendors();
    const [mine, theirs] = [await liveBot(plainBot([])), await liveBot(plainBot([]))];
    unwrap(await theirs.stub.putSecret("TELEGRAM_WEBHOOK_SECRET", "another_secret"));
    const good = { "x-telegram-bot-api-secret-token": webhookSecret };
    const tries: [string, Record<string, string>][] = [
      [mine.url, {}],
      [mine.url, { "x-telegram-bot-api-secret-token": `${webhookSecret}x` }],
      [mine.url, { "x-telegram-bot-api-secret-token": "" }],
      [theirs.url, good],
      [mine.url.replace(/telegram$/, "slack"), good],
      [mine.url.replace(/telegram$/, "constructor"), good],
      [mine.url.replace(/bot_[^/]+/, `bot_${"A".repeat(43)}`), good],
    ];
    const answers = await Promise.all(tries.map(([url, how]) => deliver(url, update(1, "x"), how)));
    const bodies = await Promise.all(answers.map((answer) => answer.text()));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    expect(new Set(bodies).size).toBe(1);
    expect(bodies[0]).toContain("bot.not-verified");
    for (const where of [mine, theirs]) expect(await runsOf(where)).toEqual([]);
    expect(seen.requests).toEqual([]);
  });

  it("is bounded, and one that says nothing is acknowledged", async () => {
    vendors();
    const where = await liveBot(plainBot([]));
    const large = await deliver(where.url, JSON.stringify(update(1, "x".repeat(3_000_001))));
    expect(large.status).toBe(413);
    for (const body of ["no json", "{}", JSON.stringify({ update_id: 3, edited_message: {} })]) {
      expect((await deliver(where.url, body)).status).toBe(200);
    }
    expect(await runsOf(where)).toEqual([]);
  });

  it("beyond what may wait is refused, so that the platform comes again", async () => {
    const { hosts, release } = held();
    const { texts } = vendors(undefined, hosts);
    const { url } = await liveBot(plainBot([call], undefined, slow));
    await deliver(url, update(1, "First"));
    await vi.waitFor(async () => expect((await deliver(url, update(1, "First"))).status).toBe(200));
    const more = Array.from({ length: 100 }, (_, index) => update(index + 2, "More"));
    for (const one of more) expect((await deliver(url, one)).status).toBe(200);
    const refused = await deliver(url, update(999, "Too many"));
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "60"]);
    await release(1);
    await heard(texts, 1);
    await vi.waitFor(async () =>
      expect((await deliver(url, update(999, "Too many"))).status).toBe(200),
    );
  });
});

describe("a turn", () => {
  it("goes on by itself while the next messages wait, and knows what was said", async () => {
    const { asked, hosts, release } = held();
    const { texts } = vendors(undefined, hosts);
    const said = "{{ input.message }}, after {{ size(input.history) }}";
    const { url } = await liveBot(plainBot([call], said, slow));
    for (const [index, text] of ["One", "Two", "Three"].entries()) {
      await deliver(url, update(index + 1, text));
    }
    for (const count of [1, 2, 3]) {
      await release(count);
      await heard(texts, count);
      expect(asked.length).toBeLessThanOrEqual(count + 1);
    }
    expect(texts()).toEqual(["One, after 0", "Two, after 2", "Three, after 4"]);
  });

  it("is answered by who began it: others begin turns of their own", async () => {
    const { texts, code, mails } = vendors();
    const { url } = await liveBot(gatedBot());
    const write = (id: number, text: string, from: number) =>
      deliver(url, update(id, text, { from, chat: team }));
    await write(1, "Hello", 11);
    await heard(texts, 1);
    // The right code, by somebody else: it is a message like any other.
    const first = code();
    await write(2, first, 12);
    await heard(texts, 2);
    expect(texts()[1]).toContain("A code was sent");
    expect(mails).toHaveLength(2);
    await write(3, first, 11);
    await heard(texts, 3);
    await write(4, code(), 12);
    await heard(texts, 4);
    expect(texts().slice(2)).toEqual(Array(2).fill("Hello ada@example.com."));
  });

  it("asks for an answer after the question, and takes the next one while the first is judged", async () => {
    let isHeld = true;
    const mails: string[] = [];
    const { texts } = vendors(undefined, {
      async "api.resend.com"(request) {
        mails.push((await request.json<{ text: string }>()).text);
        await until(() => !isHeld);
        return Response.json({ id: "1" });
      },
    });
    const { url } = await liveBot(gatedBot());
    await deliver(url, update(1, "Hello"));
    await vi.waitFor(() => expect(mails).toHaveLength(1));
    await deliver(url, update(2, "Is anybody there?"));
    isHeld = false;
    await heard(texts, 1);
    const code = /\d{6}/.exec(mails[0] ?? "")?.[0] ?? "";
    const wrong = code.replace(/^./, (first) => (first === "1" ? "2" : "1"));
    await deliver(url, update(3, wrong));
    await deliver(url, update(4, code));
    await heard(texts, 4);
    expect(texts().slice(1)).toEqual([
      expect.stringContaining("4 attempts left"),
      "Hello ada@example.com.",
      "Welcome back, ada@example.com.",
    ]);
  });

  it("says what its run gives in words, an apology when it fails, and nothing else", async () => {
    const { texts } = vendors(undefined, {
      "slow.test": () => Promise.resolve(new Response("internal details", { status: 400 })),
    });
    const silent = await liveBot(plainBot([], { done: true }));
    const failing = await liveBot(plainBot([call], "never", slow));
    await deliver(silent.url, update(1, "Quiet", { from: 21 }));
    await deliver(failing.url, update(1, "Break", { from: 22 }));
    await heard(texts, 1);
    await expect.poll(async () => (await runsOf(silent))[0]?.status).toBe("succeeded");
    await deliver(failing.url, update(2, "Break", { from: 22 }));
    await heard(texts, 2);
    expect(texts(22)).toEqual(Array(2).fill("Sorry, something went wrong. Please try again."));
    expect(texts(21)).toEqual([]);
  });

  it("that a person must review says nothing until it ends", async () => {
    const { texts } = vendors();
    const review = { id: "review", type: "human_review", config: { title: "Pay?", reviewers: [] } };
    const where = await liveBot(plainBot([review], "Paid."));
    await deliver(where.url, update(1, "Pay"));
    await expect.poll(async () => (await runsOf(where))[0]?.status).toBe("waiting");
    const [run] = await runsOf(where);
    const by = { kind: "account", name: "somebody-else" } as const;
    expect(texts()).toEqual([]);
    unwrap(
      await runStub(env, run?.id ?? "").signal("review", undefined, { decision: "approved" }, by),
    );
    await heard(texts, 1);
    expect(texts()).toEqual(["Paid."]);
  });

  it("cancelled by its owner ends silently, and the next one begins", async () => {
    const { asked, hosts, release } = held();
    const { texts } = vendors(undefined, hosts);
    const { url } = await liveBot(plainBot([call], undefined, slow));
    for (const [index, text] of ["One", "Two"].entries()) await deliver(url, update(index, text));
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    unwrap(await runStub(env, asked[0] ?? "").cancel("Not wanted."));
    await release(2);
    await heard(texts, 1);
    expect(texts()).toEqual(["You said Two."]);
  });

  it("handed to other bots is answered by them, and what they ask is asked here", async () => {
    const { texts, code } = vendors();
    const gated = gatedBot();
    const delegate = (mode: string) =>
      plainBot(
        [{ id: "ask", type: "delegate_to_bot", config: { bot: "desk_turn", mode } }],
        mode === "wait" ? "They said: {{ steps.ask.output.answer }}" : { handed: true },
        { egress: gated.egress!, workflows: gated.workflows!, secrets: gated.secrets! },
      );
    for (const [from, mode] of [
      [31, "wait"],
      [32, "handover"],
    ] as const) {
      const { url } = await liveBot(delegate(mode));
      await deliver(url, update(1, "Hello", { from }));
      await heard(() => texts(from), 1);
      expect(texts(from)[0]).toContain("A code was sent");
      await deliver(url, update(2, code(), { from }));
      await heard(() => texts(from), 2);
    }
    expect(texts(31)[1]).toBe("They said: Hello ada@example.com.");
    expect(texts(32)[1]).toBe("Hello ada@example.com.");
  });
});

describe("what the bot says", () => {
  it("waits as long as the platform asks, and is said once and in order", async () => {
    let refusals = 1;
    const { texts, seen } = vendors(() => {
      if ((refusals -= 1) < 0) return undefined;
      const parameters = { retry_after: 1 };
      return Response.json(
        { ok: false, error_code: 429, description: "Too Many Requests", parameters },
        { status: 429 },
      );
    });
    const { url } = await liveBot(plainBot([]));
    await deliver(url, update(1, "One"));
    await deliver(url, update(2, "Two"));
    await heard(texts, 2);
    expect(texts()).toEqual(["You said One.", "You said Two."]);
    expect(seen.requests).toHaveLength(3);
  });

  it("is known to an alarm while it is under way, which a dead process leaves behind", async () => {
    let isHeld = true;
    const { texts, seen } = vendors(() => until(() => !isHeld).then(() => undefined));
    const where = await liveBot(plainBot([]));
    await deliver(where.url, update(1, "One"));
    await vi.waitFor(() => expect(seen.requests).toHaveLength(1));
    await expect.poll(() => runsOf(where)).toHaveLength(1);
    const [run] = await runsOf(where);
    const { input } = unwrap(await runStub(env, run?.id ?? "").inspect());
    const { id } = (input as { conversation: { id: string } }).conversation;
    const alarm = async () => {
      const stub = env.CONVERSATION.get(env.CONVERSATION.idFromName(id));
      const at = await runInDurableObject(stub, (_, { storage }) => storage.getAlarm());
      return (at ?? Number.POSITIVE_INFINITY) - Date.now();
    };
    expect(await alarm()).toBeLessThan(10_000);
    isHeld = false;
    await heard(texts, 1);
    await expect.poll(alarm).toBeGreaterThan(86_400_000);
    expect(texts()).toEqual(["You said One."]);
  });

  it("is dropped where the platform refuses it for good, and the next is said", async () => {
    const { texts, seen } = vendors(({ text }) =>
      text.includes("One")
        ? Response.json({ ok: false, description: "Bad Request: chat not found" }, { status: 400 })
        : undefined,
    );
    const log = vi.spyOn(console, "warn").mockReturnValue();
    const { url } = await liveBot(plainBot([]));
    await deliver(url, update(1, "One"));
    await deliver(url, update(2, "Two"));
    await heard(texts, 1);
    expect(texts()).toEqual(["You said Two."]);
    expect(seen.requests).toHaveLength(2);
    const said = log.mock.calls.map(([line]) => JSON.parse(String(line)) as unknown);
    log.mockRestore();
    const reason = "Bad Request: chat not found";
    expect(said).toMatchObject([{ code: "bot.message-dropped", platform: "telegram", reason }]);
  });

  it("is said in several messages where it is long", async () => {
    const { texts } = vendors();
    const { url } = await liveBot(plainBot([], "{{ input.message }}"));
    const words = Array.from({ length: 1_500 }, (_, index) => `word${index}`).join(" ");
    await deliver(url, update(1, words));
    await heard(texts, 3);
    expect(texts().every(({ length }) => length <= 4_096)).toBe(true);
    expect(texts().join(" ")).toBe(words);
  });

  it("by a step of its own is one request with the bot's token, which nobody sees", async () => {
    const { said, texts, seen } = vendors();
    const say = {
      id: "say",
      type: "send_message",
      config: { channel: "conversation", text: "One moment." },
    };
    const where = await liveBot(plainBot([say], "Done."));
    await deliver(where.url, update(1, "Go", { from: 11, chat: team }));
    await heard(texts, 2);
    expect(said.map(({ chat_id, text }) => [chat_id, text])).toEqual([
      [team, "One moment."],
      [team, "Done."],
    ]);
    expect(seen.requests).toHaveLength(2);
    const [run] = await runsOf(where);
    const trace = unwrap(await runStub(env, run?.id ?? "").inspect());
    expect(trace.steps.at(-1)).toMatchObject({ output: { channel: "conversation", status: 200 } });
    expect(JSON.stringify(trace)).not.toContain(token);
  });

  it("has nowhere to go in a run that no bot started", async () => {
    vendors();
    const say = { id: "say", type: "send_message", config: { channel: "conversation", text: "x" } };
    const where = await liveBot(plainBot([say], "Done."));
    const run = await startLive(where, "turn", { message: "By hand" });
    expect(run).toMatchObject({ status: "failed", error: { code: "conversation.none" } });
  });
});
