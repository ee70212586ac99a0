import type { BlueprintInput } from "#blueprints/blueprint";

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

/** A bot that does these steps one after the other. */
export function plainBot(
  steps: readonly { readonly id: string; readonly type: string; readonly config: object }[],
  output: unknown = "You said {{ input.message }}.",
  more: Partial<BlueprintInput> = {},
): BlueprintInput {
  const nodes = [{ id: "start", type: "trigger", config: { source: "bot" } }, ...steps];
  const edges = steps.map(({ id }, index) => ({ from: nodes[index]!.id, to: id }));
  return {
    name: "plain",
    ...more,
    workflows: [{ name: "turn", nodes: nodes as never, edges, output }, ...(more.workflows ?? [])],
    bots: [{ name: "plain", workflow: "turn", platforms: ["telegram"] }],
  };
}
