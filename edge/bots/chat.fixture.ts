import { exports } from "cloudflare:workers";
import { expect, vi } from "vitest";
import type { BlueprintInput } from "#blueprints/blueprint";
import { unwrap } from "#blueprints/outcome";
import { createResources } from "#edge/deploy/create";
import { testAccount } from "#edge/deploy/deploy.fixture";
import { deployResources } from "#edge/deploy/deploy";
import { network } from "#edge/gateway/gateway.fixture";
import { workspaceStub } from "#edge/gateway/stub";

/** Telegram's bot, as its secrets and its group know it. */
export const token = "7000000001:AAcanary0telegram0bot0token";
export const webhookSecret = "canary_webhook_secret";

export interface Said {
  readonly chat_id: number;
  readonly message_thread_id?: number;
  readonly text: string;
}

/** https://core.telegram.org/bots/api#update, as it was captured. */
export function update(
  id: number,
  text: string,
  { from = 11, chat = from }: { from?: number; chat?: number } = {},
) {
  const isPrivate = chat === from;
  return {
    update_id: id,
    message: {
      message_id: id,
      from: { id: from, is_bot: false, first_name: `User ${from}`, language_code: "en" },
      chat: isPrivate
        ? { id: chat, first_name: `User ${from}`, type: "private" }
        : { id: chat, title: "Team", type: "supergroup" },
      date: 1_795_000_000,
      text,
    },
  };
}

/** A bot whose people prove their address before it answers, unless they have. */
export function gatedBot(change: { output?: unknown } = {}): BlueprintInput {
  return {
    name: "desk",
    egress: ["api.resend.com"],
    workflows: [
      {
        name: "desk_turn",
        nodes: [
          { id: "start", type: "trigger", config: { source: "bot" } },
          {
            id: "known",
            type: "logic",
            config: { cases: [{ port: "yes", when: "input.conversation.identity != null" }] },
          },
          {
            id: "gate",
            type: "auth_gate",
            config: {
              to: "ada@example.com",
              service: "Acme",
              resend_after_seconds: 10,
              deliver: { provider: "resend", token: "RESEND_API_KEY", from: "a@example.com" },
            },
          },
          {
            id: "greet",
            type: "action",
            config: { set: { name: "answer", value: "Hello ada@example.com." } },
          },
          {
            id: "again",
            type: "action",
            config: {
              set: {
                name: "answer",
                value: "Welcome back, {{ input.conversation.identity.address }}.",
              },
            },
          },
        ],
        edges: [
          { from: "start", to: "known" },
          { from: "known", port: "yes", to: "again" },
          { from: "known", port: "else", to: "gate" },
          { from: "gate", port: "verified", to: "greet" },
        ],
        output: change.output ?? {
          answer: '{{ default(vars.answer, "You could not be verified.") }}',
        },
      },
    ],
    bots: [{ name: "desk", workflow: "desk_turn", platforms: ["telegram"] }],
    secrets: [{ name: "RESEND_API_KEY", purpose: "Sends codes.", hosts: ["api.resend.com"] }],
  };
}

let made = 0;

/** A bot that is live on Telegram, with the vendors at the wire. */
export async function liveBot(
  blueprint: BlueprintInput,
  name = `chat-${Date.now().toString(36)}-${++made}`,
) {
  const { services, actor } = await testAccount(name);
  const created = await createResources(services, actor, { blueprint, workspace: name });
  const stub = workspaceStub(services.env, created.workspace.id);
  const values: Record<string, string> = {
    TELEGRAM_BOT_TOKEN: token,
    TELEGRAM_WEBHOOK_SECRET: webhookSecret,
    RESEND_API_KEY: "re_canary_key",
  };
  for (const secret of created.secrets) {
    unwrap(await stub.putSecret(secret.name, values[secret.name] ?? "canary_value"));
  }
  const { blueprintId } = created;
  const deployed = await deployResources(services, actor, { blueprintId });
  const url = deployed.resources.find(({ kind }) => kind === "bot")?.urls["telegram"] ?? "";
  return { services, actor, stub, created, deployed, url };
}

/** Telegram and Resend, at the wire: what was said in chats, and the codes that were sent. */
export function vendors(telegram: (said: Said) => Response | undefined = () => undefined) {
  const said: Said[] = [];
  const mails: string[] = [];
  const seen = network({
    "api.telegram.org": async (request) => {
      expect(new URL(request.url).pathname).toBe(`/bot${token}/sendMessage`);
      const body = await request.json<Said>();
      const refused = telegram(body);
      if (refused) return refused;
      said.push(body);
      return Response.json({ ok: true, result: { message_id: said.length } });
    },
    "api.resend.com": async (request) => {
      mails.push((await request.json<{ text: string }>()).text);
      return Response.json({ id: `mail-${mails.length}` });
    },
  });
  return {
    said,
    mails,
    seen,
    texts: (chat?: number) =>
      said.filter((one) => chat === undefined || one.chat_id === chat).map(({ text }) => text),
    code: () => /\d{6}/.exec(mails.at(-1) ?? "")?.[0] ?? "",
  };
}

export function deliver(
  url: string,
  body: unknown,
  headers: Record<string, string> = { "x-telegram-bot-api-secret-token": webhookSecret },
): Promise<Response> {
  return exports.default.fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

/** Until that many things were said. */
export const heard = (texts: () => string[], count: number) =>
  vi.waitFor(() => expect(texts().length).toBeGreaterThanOrEqual(count), { timeout: 20_000 });
