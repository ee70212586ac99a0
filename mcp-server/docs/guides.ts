import blueprints from "./guides/blueprints.md";
import endpoints from "./guides/endpoints.md";
import errors from "./guides/errors.md";
import functions from "./guides/functions.md";
import gettingStarted from "./guides/getting-started.md";
import limits from "./guides/limits.md";
import registry from "./guides/registry.md";
import secrets from "./guides/secrets.md";
import workspaces from "./guides/workspaces.md";
import clientsReference from "./reference/clients.md";
import nodesReference from "./reference/nodes.md";
import toolsReference from "./reference/tools.md";

/** A page that is served at `/docs/<name>` and as the resource `aerostack://docs/<name>`. */
export interface Guide {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly markdown: string;
}

const pages: readonly [name: string, summary: string, markdown: string][] = [
  ["getting-started", "From an intent to a running deployment.", gettingStarted],
  ["blueprints", "The document that everything is made from.", blueprints],
  ["functions", "Code, what it may reach, hosted MCP servers.", functions],
  ["workspaces", "One MCP URL for many servers; members and tokens.", workspaces],
  ["secrets", "How credentials get in, and where they go.", secrets],
  ["endpoints", "Endpoints, webhooks, schedules and runs.", endpoints],
  ["registry", "Finding, installing and publishing.", registry],
  ["limits", "What is limited, and to what.", limits],
  ["errors", "How to read an error.", errors],
  ["tools", "Every tool with arguments and answer.", toolsReference],
  ["nodes", "Every node type with its config.", nodesReference],
  ["clients", "Configuration of every known MCP client.", clientsReference],
];

/** Where a server of one's own is in the examples, until it is known where this one is. */
const exampleUrl = "http://127.0.0.1:8787";

/** The page with the address of this server in its examples. */
export function markdownAt({ markdown }: Guide, baseUrl: string): string {
  return markdown.replaceAll(exampleUrl, () => baseUrl);
}

/** Every page by name, in reading order. */
export const guides: Readonly<Record<string, Guide>> = Object.fromEntries(
  pages.map(([name, summary, markdown]) => {
    const title = /^# (.+)$/m.exec(markdown)?.[1] ?? name;
    return [name, { name, title, summary, markdown }];
  }),
);
