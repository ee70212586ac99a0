import { z } from "zod";
import { type Received, type Receiver, startReceiver } from "./receiver.ts";

/** What an incoming webhook of Slack accepts: text or blocks, nothing unknown at the top. */
const message = z
  .strictObject({
    text: z.string().min(1).max(40_000).optional(),
    blocks: z
      .array(z.looseObject({ type: z.string() }))
      .max(50)
      .optional(),
    attachments: z.array(z.looseObject({})).max(100).optional(),
    username: z.string().optional(),
    icon_emoji: z.string().optional(),
    icon_url: z.string().optional(),
    channel: z.string().optional(),
    thread_ts: z.string().optional(),
    mrkdwn: z.boolean().optional(),
    unfurl_links: z.boolean().optional(),
    unfurl_media: z.boolean().optional(),
  })
  .refine((one) => one.text ?? one.blocks, "no_text");

export interface SlackWorld extends Receiver {
  /** What a person would enter as the webhook URL. */
  readonly webhook: string;
  /** Texts of the well-formed messages, in order. */
  messages(): string[];
  /** Requests that Slack would have refused. */
  refused(): Received[];
}

/** Slack's incoming webhooks on the wire: `ok` as text, 400 `invalid_payload`, 404 `no_service`. */
export async function startSlack(): Promise<SlackWorld> {
  const path = "/services/T0AAAAAAA/B0BBBBBBB/cccccccccccccccccccccccc";
  const problem = (request: Received): [number, string] | undefined => {
    if (request.path !== path) return [404, "no_service"];
    if (request.method !== "POST") return [405, "method_not_allowed"];
    try {
      const parsed = message.safeParse(JSON.parse(request.body));
      return parsed.success
        ? undefined
        : [400, parsed.error.issues[0]?.message ?? "invalid_payload"];
    } catch {
      return [400, "invalid_payload"];
    }
  };
  const receiver = await startReceiver((request) => {
    const [status, body] = problem(request) ?? [200, "ok"];
    return { status, body, headers: { "Content-Type": "text/html" } };
  });
  return {
    ...receiver,
    webhook: receiver.url + path,
    messages: () => receiver.received.filter((one) => !problem(one)).map(textOf),
    refused: () => receiver.received.filter((one) => problem(one)),
  };
}

const textOf = ({ body }: Received): string => {
  const parsed = message.parse(JSON.parse(body));
  return parsed.text ?? JSON.stringify(parsed.blocks);
};
