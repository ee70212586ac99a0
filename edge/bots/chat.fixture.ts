import { exports } from "cloudflare:workers";
import { expect, vi } from "vitest";
import type { BlueprintInput } from "#blueprints/blueprint";
import { unwrap } from "#blueprints/outcome";
import { createResources } from "#edge/deploy/create";
import { testAccount } from "#edge/deploy/deploy.fixture";
import { deployResources } from "#edge/deploy/deploy";
import { network } from "#edge/gateway/gateway.fixture";
import { workspaceStub } from "#edge/gateway/stub";
import { type Said, token, webhookSecret } from "./telegram.fixture.ts";

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
export function vendors(
  telegram: (said: Said) => Response | undefined | Promise<undefined> = () => undefined,
  others: Parameters<typeof network>[0] = {},
) {
  const said: Said[] = [];
  const mails: string[] = [];
  const seen = network({
    "api.telegram.org": async (request) => {
      expect(new URL(request.url).pathname).toBe(`/bot${token}/sendMessage`);
      const body = await request.json<Said>();
      const refused = await telegram(body);
      if (refused) return refused;
      said.push(body);
      return Response.json({ ok: true, result: { message_id: said.length } });
    },
    "api.resend.com": async (request) => {
      mails.push((await request.json<{ text: string }>()).text);
      return Response.json({ id: `mail-${mails.length}` });
    },
    ...others,
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

/** Waits in the turn of who calls: another object's promise must not wake it. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await scheduler.wait(5);
}
