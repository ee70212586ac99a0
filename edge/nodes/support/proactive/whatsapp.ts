import { z } from "zod";
import { defineChannel, idAt, jsonPost, secretName } from "#edge/nodes/support/channel";

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
    channel: z.literal("whatsapp"),
    token: secretName.describe("Secret that holds the access token, bound to graph.facebook.com."),
    phone_number_id: z.string().min(1).describe("Id of the business number that sends."),
    to: z.string().min(5).describe("Receiver, digits with country code."),
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
  toRequest({ token, phone_number_id, to, template, language, parameters }, port) {
    const texts = Array.isArray(parameters)
      ? parameters.map((text) => ({ type: "text", text: flat(text) }))
      : Object.entries(parameters).map(([parameter_name, text]) => {
          return { type: "text", parameter_name, text: flat(text) };
        });
    return {
      url: `https://graph.facebook.com/v23.0/${encodeURIComponent(phone_number_id)}/messages`,
      init: jsonPost(
        {
          messaging_product: "whatsapp",
          recipient_type: "individual",
          to: to.replace(/^\+/, ""),
          type: "template",
          template: {
            name: template,
            language: { code: language },
            ...(texts.length === 0 ? {} : { components: [{ type: "body", parameters: texts }] }),
          },
        },
        port,
        { authorization: `Bearer ${port.secret(token)}` },
      ),
    };
  },
  refusal(status, body) {
    const error = status < 400 ? undefined : (body as { error?: unknown } | null)?.error;
    const reason = idAt(error, "code");
    if (reason === undefined || !unreachable.has(reason)) return undefined;
    return { reason: `${reason} ${idAt(error, "message") ?? ""}`.trim(), isUnreachable: true };
  },
  messageId: (body) => idAt(body, "messages", 0, "id"),
});
