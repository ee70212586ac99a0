import type { ClientGuides } from "#edge/client-guide";
import type { ClientDefinition } from "./client.ts";
import { clients } from "./clients/index.ts";

/** What `client_config` answers to agents, for the pages that people open. */
export const clientGuides: ClientGuides = (server) =>
  Object.values<ClientDefinition>(clients).map((client) => ({
    name: client.name,
    title: client.title,
    file: client.file,
    format: client.format,
    config: client.config(server),
    ...(client.command ? { command: client.command(server) } : {}),
    ...(client.installLink ? { installLink: client.installLink(server) } : {}),
    notes: client.notes ?? [],
  }));
