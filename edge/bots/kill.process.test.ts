import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { LocalServer, startService } from "#edge/local/server.fixture";
import { gatedBot, plainBot, type Said, token, update, webhookSecret } from "./telegram.fixture.ts";

/**
 * Telegram and the mail provider on one server; the platform is killed while a gate waits in a chat, and
 * between what it acknowledged and what follows from it.
 */
const said: Said[] = [];
const mails: string[] = [];
/** Chats in which Telegram does not answer for now. */
const silent = new Set<number>();

async function bodyOf<Body>(request: IncomingMessage): Promise<Body> {
  let text = "";
  request.on("data", (chunk) => (text += String(chunk)));
  await once(request, "end");
  return JSON.parse(text) as Body;
}

const world = await startService((request, response) => {
  void (async () => {
    response.setHeader("content-type", "application/json");
    if (request.headers.host === "api.telegram.org") {
      expect(request.url).toBe(`/bot${token}/sendMessage`);
      const one = await bodyOf<Said>(request);
      if (silent.has(one.chat_id)) return;
      said.push(one);
      response.end(JSON.stringify({ ok: true, result: { message_id: said.length } }));
      return;
    }
    mails.push((await bodyOf<{ text: string }>(request)).text);
    response.end(JSON.stringify({ id: "mail" }));
  })();
});

let server: LocalServer;
const paths: string[] = [];

async function deploy(blueprint: object, workspace: string): Promise<string> {
  const created = await server.tool("create", { blueprint, workspace });
  const values: Record<string, string> = {
    TELEGRAM_BOT_TOKEN: token,
    TELEGRAM_WEBHOOK_SECRET: webhookSecret,
  };
  for (const { name, enter_url: url } of created["secrets"] as Record<string, string>[]) {
    const entered = await fetch(String(url), {
      method: "POST",
      headers: { accept: "application/json", "sec-fetch-site": "same-origin" },
      body: new URLSearchParams({ value: values[name ?? ""] ?? "re_canary_key" }),
    });
    expect(entered.status, await entered.text()).toBe(200);
  }
  const deployed = await server.tool("deploy", { blueprint_id: created["blueprint_id"] });
  const live = deployed["resources"] as { urls: Record<string, string> }[];
  const url = live.flatMap(({ urls }) => urls["telegram"] ?? [])[0] ?? "";
  return new URL(url).pathname;
}

async function write(bot: number, id: number, text: string, from: number): Promise<void> {
  const response = await fetch(`${server.url}${paths[bot]}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-telegram-bot-api-secret-token": webhookSecret,
    },
    body: JSON.stringify(update(id, text, { from })),
  });
  expect(response.status, await response.text()).toBe(200);
}

const texts = (chat: number) =>
  said.filter(({ chat_id }) => chat_id === chat).map(({ text }) => text);
const hears = (chat: number, text: string) =>
  vi.waitFor(() => expect(texts(chat).at(-1)).toContain(text), { timeout: 60_000 });
const code = () => /\d{6}/.exec(mails.at(-1) ?? "")?.[0] ?? "";

beforeAll(async () => {
  server = await LocalServer.start({}, world.host);
  paths.push(await deploy(gatedBot(), "gated"), await deploy(plainBot([]), "plain"));
});
afterAll(async () => {
  await server?.stop();
  world.stop();
});

it("a gate killed while it waits in a chat takes its code, and everything is said once", async () => {
  const [gated, chat] = [0, 11];
  await write(gated, 1, "Hello", chat);
  await hears(chat, "A code was sent");
  await write(
    gated,
    2,
    code().replace(/^./, (first) => (first === "1" ? "2" : "1")),
    chat,
  );
  await hears(chat, "4 attempts left");
  // What is asked for again is told to be known: by then what was said before is written down.
  await write(gated, 2, "The same delivery", chat);
  await write(gated, 3, "resend", chat);
  await hears(chat, "Wait a little.");
  const before = texts(chat).slice(0, 2);
  await server.kill();
  await write(gated, 3, "resend", chat);
  await write(gated, 4, code(), chat);
  await hears(chat, "Hello ada@example.com.");
  await write(gated, 5, "Again", chat);
  await hears(chat, "Welcome back, ada@example.com.");
  expect(texts(chat).slice(0, 2)).toEqual(before);
  // Only what was being said at that very moment may be said again.
  const distinct = texts(chat).filter((text, index, all) => text !== all[index - 1]);
  expect(distinct).toHaveLength(5);
  expect(mails).toHaveLength(1);
});

it("what was acknowledged before a kill is answered after it, once and in order", async () => {
  const [plain, chats] = [1, [21, 22, 23, 24, 25]];
  // Said in vain, so that nothing of it is done when the platform dies.
  for (const chat of chats) silent.add(chat);
  await Promise.all(chats.map((chat) => write(plain, chat, `One from ${chat}`, chat)));
  await Promise.all(chats.map((chat) => write(plain, 100 + chat, `Two from ${chat}`, chat)));
  await server.kill();
  silent.clear();
  for (const chat of chats) await hears(chat, `You said Two from ${chat}.`);
  for (const chat of chats) {
    await write(plain, chat, `One from ${chat}`, chat);
    await write(plain, 200 + chat, `Three from ${chat}`, chat);
    await hears(chat, `You said Three from ${chat}.`);
    const numbers = ["One", "Two", "Three"];
    expect(texts(chat)).toEqual(numbers.map((number) => `You said ${number} from ${chat}.`));
  }
});
