import type { McpEntry } from "#edge/registry/entry";
import type { EntryRow, VersionRow } from "#edge/registry/resolve";

/**
 * Our MCP entries in the form of the official MCP registry (server.json of 2025-12-11, read API
 * v0.1). `@user/name` is called `io.aerostack.user/name` there: a reverse domain, then the name.
 */
export interface ServerResponse {
  readonly server: ServerDetail;
  readonly _meta: Readonly<Record<string, unknown>>;
}

export interface ServerDetail {
  readonly $schema: string;
  readonly name: string;
  readonly title: string;
  /** At most 100 characters. */
  readonly description: string;
  readonly version: string;
  readonly remotes: readonly Remote[];
}

interface Remote {
  readonly type: "streamable-http";
  readonly url: string;
  readonly variables?: Readonly<Record<string, Input>>;
  readonly headers?: readonly ({ readonly name: string } & Input)[];
}
interface Input {
  readonly description?: string;
  readonly isRequired?: boolean;
  readonly isSecret?: boolean;
  readonly value?: string;
  readonly variables?: Readonly<Record<string, Input>>;
}

const schema = "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json";
const namespace = "io.aerostack.";

/** `@user/name` to `io.aerostack.user/name`. */
export function toServerName(slug: string): string {
  return `${namespace}${slug.slice(1)}`;
}

/** The reverse; undefined for a name that is not of this registry. */
export function fromServerName(name: string): string | undefined {
  return name.startsWith(namespace) ? `@${name.slice(namespace.length)}` : undefined;
}

export function toServerResponse(
  baseUrl: string,
  { entry, version }: { readonly entry: EntryRow; readonly version: VersionRow },
): ServerResponse {
  const definition = version.definition as McpEntry;
  const publishedAt = new Date(version.publishedAt).toISOString();
  const changedAt = new Date(version.yankedAt ?? version.publishedAt).toISOString();
  const url = `${baseUrl}/registry/${entry.slug}/${version.version}`;
  return {
    server: {
      $schema: schema,
      name: toServerName(entry.slug),
      title: definition.name,
      description: shortened(version.description),
      version: version.version,
      remotes: [definition.url === undefined ? workspaceOf(baseUrl) : remoteOf(definition)],
    },
    _meta: {
      "io.modelcontextprotocol.registry/official": {
        // Whoever mirrors the registry learns of a yank by this, and takes the version out.
        status: version.yankedAt === null ? "active" : "deleted",
        statusChangedAt: changedAt,
        publishedAt,
        updatedAt: changedAt,
        isLatest: version.version === entry.latest,
      },
      "io.aerostack.registry/entry": {
        install: `${entry.slug}@${version.version}`,
        integrity: version.integrity,
        installs: entry.installs,
        tools: definition.tools.map(({ name }) => name),
        adapters: Object.fromEntries(
          Object.keys(version.adapters).map((dialect) => [
            dialect,
            `${url}/adapters/${dialect}.json`,
          ]),
        ),
      },
    },
  };
}

/** A hosted server answers in the workspace that it was installed into. */
function workspaceOf(baseUrl: string): Remote {
  return {
    type: "streamable-http",
    url: `${baseUrl}/ws/{workspace}`,
    variables: {
      workspace: { description: "Workspace that has it installed.", isRequired: true },
    },
    headers: [
      {
        name: "Authorization",
        description: "Token of the workspace, `Bearer wt_...`.",
        isRequired: true,
        isSecret: true,
      },
    ],
  };
}

function remoteOf({ url = "", auth, secrets }: McpEntry): Remote {
  if (auth.type === "none") return { type: "streamable-http", url };
  const purpose = secrets.find(({ name }) => name === auth.secret)?.purpose ?? auth.secret;
  const header = {
    name: auth.header,
    description: purpose,
    value: auth.value.replaceAll(/\{\{\s*secret\s*\}\}/g, "{secret}"),
    variables: { secret: { description: purpose, isRequired: true, isSecret: true } },
  };
  return { type: "streamable-http", url, headers: [header] };
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length <= 100 ? line : `${line.slice(0, 99)}…`;
}
