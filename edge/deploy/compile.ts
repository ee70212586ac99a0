import type {
  Blueprint,
  FunctionResource,
  McpResource,
  SkillResource,
  Workflow,
} from "#blueprints/blueprint";
import { InputError } from "#blueprints/error";
import type { LiveFunction, LiveMcp } from "#edge/gateway/live-items";
import { checkAlias } from "#edge/gateway/tool-names";
import { compile } from "#edge/isolates/bundle";
import type { ResolvedEntry } from "#edge/registry/entry";
import { compileTriggers } from "./compile-triggers.ts";
import { type CompiledItem, type CompiledResource, nothingRequired } from "./compiled.ts";
import { withInputExample } from "./input-example.ts";
import { isReference, ownersOf, requirementsOf, unique } from "./requirements.ts";

/** What lies outside the blueprint. */
export interface Surroundings {
  /** By `@user/name@1.0.0`: every entry that the blueprint names. */
  readonly entries: ReadonlyMap<string, ResolvedEntry>;
  /** A function that is live in the workspace already. */
  liveFunction(name: string): Promise<LiveFunction | undefined>;
}

/** Every item of the blueprint with its code compiled and everything that it refers to pinned. */
export async function compileBlueprint(
  blueprint: Blueprint,
  around: Surroundings,
): Promise<CompiledItem[]> {
  const functions = await compileFunctions(blueprint, around);
  const skills = blueprint.skills.map((skill) => compileSkill(skill, around));
  const mcps = await Promise.all(blueprint.mcps.map((mcp) => compileMcp(mcp, around)));
  const ownFunctions = new Map(
    functions.flatMap(({ name, compiled: { live } }) =>
      live?.kind === "function" ? [[name, live.definition] as const] : [],
    ),
  );
  const workflows = await Promise.all(
    blueprint.workflows.map((workflow) =>
      compileWorkflow(workflow, blueprint, async (name) => {
        if (isReference(name)) return functionOf(entryFor(name, around));
        return ownFunctions.get(name) ?? around.liveFunction(name);
      }),
    ),
  );
  return [...functions, ...skills, ...mcps, ...workflows, ...compileTriggers(blueprint)];
}

async function compileFunctions(
  blueprint: Blueprint,
  around: Surroundings,
): Promise<CompiledItem[]> {
  return Promise.all(
    blueprint.functions.map(async (item): Promise<CompiledItem> => {
      const entry = item.use === undefined ? undefined : entryFor(item.use, around);
      const definition = entry ? overridden(functionOf(entry), item) : await compileFunction(item);
      return {
        kind: "function",
        name: item.name,
        definition: item,
        compiled: {
          live: { kind: "function", name: item.name, version: 0, definition },
          requires: { ...nothingRequired, secrets: definition.secrets },
          ...provenance(entry),
        },
      };
    }),
  );
}

async function compileFunction(item: FunctionResource): Promise<LiveFunction> {
  const { description, input, output, effect, egress, secrets } = item;
  const code = await compile(codeOf(item.code, "function", item.name));
  return { description, input, output, effect, egress, secrets, code };
}

/** A borrowed function keeps its code and schemas; only what it is called here may differ. */
function overridden(live: LiveFunction, item: FunctionResource): LiveFunction {
  return item.description === "" ? live : { ...live, description: item.description };
}

/** The function that an entry holds, as it goes live. */
export function functionOf(entry: ResolvedEntry): LiveFunction {
  const { definition, compiled } = entry;
  if (definition.kind !== "function" || !compiled) throw wrongKind(entry, "function");
  const { description, input, output, effect, egress, secrets } = definition;
  return {
    description,
    input,
    output,
    effect,
    egress,
    secrets: secrets.map((secret) => secret.name),
    code: compiled,
    from: `${entry.slug}@${entry.version}`,
  };
}

function compileSkill(item: SkillResource, around: Surroundings): CompiledItem {
  const entry = item.use === undefined ? undefined : entryFor(item.use, around);
  if (entry && entry.definition.kind !== "skill") throw wrongKind(entry, "skill");
  const source = entry?.definition.kind === "skill" ? entry.definition : undefined;
  const instructions = item.instructions ?? source?.instructions;
  if (instructions === undefined) throw empty("skill", item.name, "instructions");
  const functions = unique([...(source?.functions ?? []), ...item.functions]);
  const definition = {
    description: item.description || (source?.description ?? ""),
    instructions,
    functions,
    ...(entry ? { from: `${entry.slug}@${entry.version}` } : {}),
  };
  return {
    kind: "skill",
    name: item.name,
    definition: item,
    compiled: {
      live: { kind: "skill", name: item.name, version: 0, definition },
      requires: { ...nothingRequired, functions: functions.filter((name) => !isReference(name)) },
      ...provenance(entry),
    },
  };
}

async function compileMcp(item: McpResource, around: Surroundings): Promise<CompiledItem> {
  checkAlias(item.name);
  const entry = item.use === undefined ? undefined : entryFor(item.use, around);
  if (entry && entry.definition.kind !== "mcp") throw wrongKind(entry, "mcp");
  const source = entry?.definition.kind === "mcp" ? entry.definition : undefined;
  const url = item.url ?? source?.url;
  const auth = item.auth.type === "none" && source ? source.auth : item.auth;
  const definition = url === undefined ? await hostedOf(item, entry) : undefined;
  return {
    kind: "mcp",
    name: item.name,
    definition: item,
    compiled: {
      ...(definition ? { live: { kind: "mcp", name: item.name, version: 0, definition } } : {}),
      link: {
        alias: item.name,
        source: url === undefined ? { kind: "hosted", name: item.name } : { kind: "external", url },
        auth,
        ...(item.tools === undefined ? {} : { tools: item.tools }),
      },
      requires: {
        ...nothingRequired,
        secrets: unique([
          ...(definition?.secrets ?? []),
          ...(auth.type === "header" ? [auth.secret] : []),
        ]),
      },
      ...provenance(entry),
    },
  };
}

async function hostedOf(item: McpResource, entry: ResolvedEntry | undefined): Promise<LiveMcp> {
  if (entry?.definition.kind === "mcp" && entry.compiled) {
    return {
      description: item.description || entry.definition.description,
      code: entry.compiled,
      egress: entry.definition.egress,
      secrets: entry.definition.secrets.map((secret) => secret.name),
      from: `${entry.slug}@${entry.version}`,
    };
  }
  const code = await compile(codeOf(item.code, "mcp", item.name));
  return { description: item.description, code, egress: item.egress, secrets: item.secrets };
}

async function compileWorkflow(
  workflow: Workflow,
  blueprint: Blueprint,
  findFunction: (name: string) => Promise<LiveFunction | undefined>,
): Promise<CompiledItem> {
  const required = requirementsOf(workflow);
  const functions: Record<string, LiveFunction> = {};
  for (const name of required.functions) {
    const found = await findFunction(name);
    if (!found) throw unknownFunction(workflow.name, name);
    functions[name] = found;
  }
  const owners = ownersOf(required.tools);
  const secrets = blueprint.secrets.filter(({ name }) => required.secrets.includes(name));
  return {
    kind: "workflow",
    name: workflow.name,
    definition: workflow,
    compiled: {
      live: {
        kind: "workflow",
        name: workflow.name,
        version: 0,
        definition: {
          workflow: withInputExample(workflow, blueprint.tests),
          functions,
          egress: blueprint.egress,
          secrets,
        },
      },
      requires: {
        ...nothingRequired,
        secrets: unique([
          ...required.secrets,
          ...Object.values(functions).flatMap((live) => live.secrets),
        ]),
        functions: unique([
          ...required.functions.filter((name) => !isReference(name)),
          ...owners.functions,
        ]),
        skills: unique(owners.skills),
        workflows: unique([...required.workflows, ...required.bots]),
        mcps: unique(owners.mcps),
      },
    },
  };
}

function provenance(entry: ResolvedEntry | undefined): Pick<CompiledResource, "from"> {
  if (!entry) return {};
  return { from: { slug: entry.slug, version: entry.version, integrity: entry.integrity } };
}

function entryFor(reference: string, around: Surroundings): ResolvedEntry {
  const entry = around.entries.get(reference);
  if (entry) return entry;
  throw new InputError("registry.not-found", `There is no entry "${reference}".`, {
    fix: "Find the slug and version with search_registry.",
    status: 404,
  });
}

function codeOf(code: string | undefined, kind: string, name: string): string {
  if (code !== undefined) return code;
  throw empty(kind, name, "code");
}

function empty(kind: string, name: string, field: string): InputError {
  return new InputError("blueprint.incomplete", `The ${kind} "${name}" has no ${field}.`, {
    fix: `Write \`${field}\`, or take it from the marketplace with \`use\`.`,
  });
}

function wrongKind(entry: ResolvedEntry, wanted: string): InputError {
  return new InputError(
    "registry.wrong-kind",
    `"${entry.slug}@${entry.version}" is of kind ${entry.definition.kind}, not ${wanted}.`,
    { fix: `Use it where a ${entry.definition.kind} belongs.` },
  );
}

function unknownFunction(workflow: string, name: string): InputError {
  return new InputError(
    "workflow.unknown-function",
    `The workflow "${workflow}" calls "${name}", which is neither in the blueprint nor live in the workspace.`,
    { fix: "Add the function to `functions`, or install or deploy it first." },
  );
}
