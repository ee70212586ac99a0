import { z } from "zod";
import { defineChannel, idAt } from "#edge/nodes/support/channel";
import { addresses, toPost } from "#edge/nodes/support/channels/whatsapp";

/** Undeliverable, not among the allowed numbers, not a WhatsApp user: the receiver is the matter. */
const unreachable: ReadonlySet<string> = new Set(["131026", "131030", "131049", "131050"]);

/** Meta refuses line breaks, tabs and runs of spaces in a parameter. */
function flat(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

/**
 * A template that Meta has approved: all that may be sent later than 24 hours after the receiver's
 * last message. https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-message-templates
 */
export const whatsapp = defineChannel({
  name: "whatsapp",
  message: z.strictObject({
    ...addresses,
    template: z.string().min(1).max(512).describe("Name of an approved message template."),
    language: z.string().min(2).max(10).describe("Of the template, like `en_US`."),
    parameters: z
      .union([z.array(z.string().min(1)), z.record(z.string(), z.string().min(1))])
      .default([])
      .describe("Of the body, in order, or by name: `{{1}}` or `{{name}}` of the template."),
  }),
  idempotent: false,
  hosts: () => ["graph.facebook.com"],
  secrets: ({ token }) => [token],
  toRequest({ template, language, parameters, ...message }, port) {
    const texts = Array.isArray(parameters)
      ? parameters.map((text) => ({ type: "text", text: flat(text) }))
      : Object.entries(parameters).map(([parameter_name, text]) => {
          return { type: "text", parameter_name, text: flat(text) };
        });
    const filled = {
      name: template,
      language: { code: language },
      ...(texts.length === 0 ? {} : { components: [{ type: "body", parameters: texts }] }),
    };
    return toPost(message, { type: "template", template: filled }, port);
  },
  refusal(status, body) {
    const error = status < 400 ? undefined : (body as { error?: unknown } | null)?.error;
    const reason = idAt(error, "code");
    if (reason === undefined || !unreachable.has(reason)) return undefined;
    return { reason: `${reason} ${idAt(error, "message") ?? ""}`.trim(), isUnreachable: true };
  },
  messageId: (body) => idAt(body, "messages", 0, "id"),
});
