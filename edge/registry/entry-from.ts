import type {
  FunctionResource,
  McpResource,
  SecretDeclaration,
  SkillResource,
} from "#blueprints/blueprint";
import { ConfigurationError, InputError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import { type Candidate, loadBlueprint } from "#edge/deploy/candidates";
import type { Place } from "#edge/deploy/place";
import { isReference } from "#edge/deploy/requirements";
import type { AccountActor } from "#edge/identity/actor";
import type { CompiledCode } from "#edge/isolates/isolate";
import type { Services } from "#edge/services";
import type { EntryDefinition, EntryTool, FunctionEntry, McpEntry, SkillEntry } from "./entry.ts";

interface Entry {
  readonly definition: EntryDefinition;
  readonly compiled?: CompiledCode;
}

/**
 * What others receive of a live resource. Throws `registry.not-publishable`,
 * `registry.no-description`, `registry.borrowed`, `registry.local-function`.
 */
export async function entryFrom(
  services: Services,
  actor: AccountActor,
  place: Place,
  candidate: Candidate,
): Promise<Entry> {
  if (candidate.compiled.from) throw borrowed(candidate);
  const { document } = await loadBlueprint(services, actor, candidate.blueprintId);
  const entry = await toEntry(place, candidate, document.secrets);
  if (entry.definition.description.trim() !== "") return entry;
  throw new InputError("registry.no-description", `"${candidate.name}" has no description.`, {
    fix: "Say in `description` what it does: agents choose by it. Then create and deploy it again.",
  });
}

async function toEntry(
  place: Place,
  candidate: Candidate,
  declared: readonly SecretDeclaration[],
): Promise<Entry> {
  const { definition, compiled } = candidate;
  const secrets = declared.filter(({ name }) => compiled.requires.secrets.includes(name));
  switch (candidate.kind) {
    case "function":
      return {
        definition: functionEntry(definition as FunctionResource, secrets),
        ...(compiled.live?.kind === "function" ? { compiled: compiled.live.definition.code } : {}),
      };
    case "skill":
      return { definition: skillEntry(definition as SkillResource) };
    case "mcp": {
      const tools = await listTools(place, candidate.name);
      return {
        definition: mcpEntry(definition as McpResource, secrets, tools),
        ...(compiled.live?.kind === "mcp" ? { compiled: compiled.live.definition.code } : {}),
      };
    }
    case "workflow":
    case "bot":
    case "team":
    case "endpoint":
    case "webhook":
    case "schedule":
      throw new InputError(
        "registry.not-publishable",
        `"${candidate.name}" is of kind ${candidate.kind}, which cannot be published.`,
        { fix: "Publish functions, skills and MCP servers; others compose them in workflows." },
      );
    default:
      return candidate.kind satisfies never;
  }
}

function functionEntry(
  { name, description, code = "", input, output, effect, egress, examples }: FunctionResource,
  secrets: readonly SecretDeclaration[],
): FunctionEntry {
  return {
    kind: "function",
    name,
    description,
    code,
    input,
    output,
    effect,
    egress,
    secrets,
    examples,
  };
}

function skillEntry(skill: SkillResource): SkillEntry {
  const { name, description, instructions = "", functions } = skill;
  const local = functions.find((reference) => !isReference(reference));
  if (local !== undefined) {
    throw new InputError(
      "registry.local-function",
      `The skill "${name}" calls "${local}", which others do not have.`,
      { fix: "Publish the function first, and name it in the skill as @user/name@1.0.0." },
    );
  }
  return { kind: "skill", name, description, instructions, functions, secrets: [], egress: [] };
}

function mcpEntry(
  { name, description, code, url, auth, egress }: McpResource,
  secrets: readonly SecretDeclaration[],
  tools: readonly EntryTool[],
): McpEntry {
  return {
    kind: "mcp",
    name,
    description,
    ...(code === undefined ? {} : { code }),
    ...(url === undefined ? {} : { url }),
    auth,
    egress,
    secrets,
    tools,
  };
}

/** As the server listed them last, under their own names. */
async function listTools(place: Place, alias: string): Promise<EntryTool[]> {
  const actor = { kind: "system", workspaceId: place.identity.id } as const;
  const prefix = `${alias}__`;
  const tools = unwrap(await place.stub.listTools(actor))
    .filter(({ name }) => name.startsWith(prefix))
    .map((tool): EntryTool => {
      const { name, title, description = "", inputSchema, outputSchema, annotations } = tool;
      return {
        name: name.slice(prefix.length),
        ...(title === undefined ? {} : { title }),
        description,
        input: inputSchema,
        ...(outputSchema === undefined ? {} : { output: outputSchema }),
        ...(annotations === undefined ? {} : { annotations: { ...annotations } }),
      };
    });
  if (tools.length > 0) return tools;
  throw new ConfigurationError("registry.no-tools", `The server "${alias}" lists no tools.`, {
    fix: "See with `get` what is wrong with its link, then publish it.",
  });
}

function borrowed({ name, compiled }: Candidate): InputError {
  const from = compiled.from ? `${compiled.from.slug}@${compiled.from.version}` : "";
  return new InputError("registry.borrowed", `"${name}" is ${from}, not a work of its own.`, {
    fix: "Publish what you wrote; others install the original from its own slug.",
  });
}
