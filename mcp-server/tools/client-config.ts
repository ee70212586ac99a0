import { z } from "zod";
import { openWorkspace } from "#edge/gateway/directory";
import { clients } from "../clients/index.ts";
import { workspaceSlug } from "../fields.ts";
import type { ClientDefinition } from "../client.ts";
import { defineTool } from "../tool.ts";

export const clientConfig = defineTool({
  name: "client_config",
  title: "Client configuration",
  description:
    "What adds this server or a workspace to an MCP client: configuration, file, command, install links. Holds no token: a variable does, or the client asks.",
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: z.strictObject({
    client: z.enum(Object.keys(clients) as [keyof typeof clients]),
    workspace: workspaceSlug.optional().describe("Absent: this server."),
  }),
  output: z.object({
    client: z.string(),
    file: z.string(),
    format: z.string(),
    config: z.string(),
    url: z.string(),
    variable: z.string().describe("Environment variable for the credential."),
    command: z.string().optional(),
    install_link: z.string().optional(),
    web_install_link: z.string().optional(),
    notes: z.array(z.string()),
  }),
  async run({ services, actor }, { client: name, workspace }) {
    if (workspace) await openWorkspace(services, actor, workspace);
    const client: ClientDefinition = clients[name];
    const server = {
      name: workspace ?? "aerostack",
      url: `${services.baseUrl}${workspace ? `/ws/${workspace}` : "/mcp"}`,
      variable: workspace ? "AEROSTACK_TOKEN" : "AEROSTACK_KEY",
    };
    return {
      data: {
        client: client.title,
        file: client.file,
        format: client.format,
        config: client.config(server),
        url: server.url,
        variable: server.variable,
        ...(client.command ? { command: client.command(server) } : {}),
        ...(client.installLink ? { install_link: client.installLink(server) } : {}),
        ...(client.webInstallLink ? { web_install_link: client.webInstallLink(server) } : {}),
        notes: [...(client.notes ?? [])],
      },
      summary: `Configuration of ${client.title} for ${server.url}; it goes into ${client.file}.`,
      next: workspace
        ? "Give it to the person together with a claim link from issue_token."
        : "Give it to the person; the account key goes into the variable, not into the file.",
    };
  },
});
