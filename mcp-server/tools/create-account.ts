import { z } from "zod";
import { createAccount as create, reissueKey } from "#edge/identity/accounts";
import { createTicket } from "#edge/identity/tickets";
import { defineTool } from "../tool.ts";

export const createAccount = defineTool({
  name: "create_account",
  title: "Create an account",
  description:
    "Operator only (the server's first account): makes another account, which owns the marketplace names @name/... Answers with a one-time claim link for its key; inline: true answers the key itself. reissue: true gives an account that exists a new key and ends the former ones.",
  annotations: {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: false,
    openWorldHint: false,
  },
  input: z.strictObject({
    name: z.string().min(1).max(60).describe("Lower case letters, digits and -; unique."),
    inline: z.boolean().default(false),
    reissue: z.boolean().default(false),
  }),
  output: z.object({
    account_id: z.string(),
    name: z.string(),
    claim_url: z.string().optional(),
    key: z.string().optional(),
  }),
  async run({ services, actor }, { name, inline, reissue }) {
    const { accountId, key } = await (reissue ? reissueKey : create)(services, actor, { name });
    if (inline) {
      return {
        data: { account_id: accountId, name, key },
        summary: `Account ${name} exists. Its key is shown this once.`,
        next: "Store the key where the account's client reads it.",
      };
    }
    const { url } = await createTicket(services, {
      purpose: "claim-key",
      accountId: actor.accountId,
      payload: { name, key },
    });
    return {
      data: { account_id: accountId, name, claim_url: url },
      summary: `Account ${name} exists; its key waits at ${url}.`,
      next: "Give the link to the account's owner: it shows the key once.",
    };
  },
});
