import { z } from "zod";
import { InputError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import { openWorkspace } from "#edge/gateway/directory";
import { workspaceSlug } from "../fields.ts";
import { defineTool } from "../tool.ts";

export const revokeToken = defineTool({
  name: "revoke_token",
  title: "Revoke workspace tokens",
  description:
    "Ends one token by id, or all tokens of a member. The next call with it is refused, for good.",
  annotations: {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: z.strictObject({
    workspace: workspaceSlug,
    token_id: z.string().max(64).optional(),
    member: z.string().max(120).optional(),
  }),
  output: z.object({ revoked: z.array(z.string()) }),
  async run({ services, actor }, { workspace, token_id: id, member }) {
    if ((id === undefined) === (member === undefined)) {
      throw new InputError("token.which", "Give either token_id or member.", {
        fix: "Find both with list, kind token.",
      });
    }
    const { stub } = await openWorkspace(services, actor, workspace);
    const filter = id === undefined ? { member: member ?? "" } : { id };
    const { revoked } = unwrap(await stub.revokeToken(filter));
    return {
      data: { revoked },
      summary:
        revoked.length > 0
          ? `Revoked ${revoked.join(", ")}.`
          : "Nothing was revoked: no active token matches.",
    };
  },
});
