import type { BlueprintInput } from "#blueprints/blueprint";
import { unwrap } from "#blueprints/outcome";
import { network } from "#edge/gateway/gateway.fixture";
import { deliver, liveBot } from "./chat.fixture.ts";
import { platforms } from "./platforms/index.ts";
import { gatedBot } from "./telegram.fixture.ts";
import type { Vendor } from "./vendors/vendor.fixture.ts";

export interface Sent {
  readonly url: string;
  readonly authorization: string;
  readonly body: Record<string, unknown>;
  readonly text: string;
}

/** A live bot on this platform; its vendor and the sender of codes at the wire. */
export async function talking(
  name: string,
  vendor: Vendor,
  {
    refuse = () => undefined,
    blueprint = gatedBot(),
  }: { refuse?: () => Response | undefined; blueprint?: BlueprintInput } = {},
) {
  const sent: Sent[] = [];
  const mails: string[] = [];
  const seen = network({
    [vendor.host]: async (request) => {
      const refused = refuse();
      if (refused) return refused;
      const body = await request.json<Record<string, unknown>>();
      const authorization = request.headers.get("authorization") ?? "";
      sent.push({ url: request.url, authorization, body, text: String(vendor.saidIn(body)) });
      const [[status, taken] = [200, {}]] = vendor.refusals;
      return Response.json(taken, { status });
    },
    "api.resend.com": async (request) => {
      mails.push((await request.json<{ text: string }>()).text);
      return Response.json({ id: `mail-${mails.length}` });
    },
  });
  const bots = blueprint.bots?.map((bot) => ({ ...bot, platforms: [name as "slack"] })) ?? [];
  const { stub, deployed } = await liveBot({ ...blueprint, bots });
  for (const [role, secret] of Object.entries(platforms[name]?.secrets ?? {})) {
    unwrap(await stub.putSecret(secret.name, vendor.secrets[role] ?? ""));
  }
  const url = deployed.resources.find(({ kind }) => kind === "bot")?.urls[name] ?? "";
  const send = async (body: object, secrets = vendor.secrets) => {
    const text = JSON.stringify(body);
    const at = Math.floor(Date.now() / 1000);
    return deliver(url, text, await vendor.sign(text, secrets, at));
  };
  const texts = () => sent.map(({ text }) => text);
  const code = () => /\d{6}/.exec(mails.at(-1) ?? "")?.[0] ?? "";
  return { url, stub, sent, seen, texts, code, send };
}
