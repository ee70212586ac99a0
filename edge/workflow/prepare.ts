import type { WorkflowNode } from "#blueprints/blueprint";
import { BugError, ConfigurationError, InputError } from "#blueprints/error";
import type { Effect, KnownEffects, NodeDefinition } from "#blueprints/node";
import { render } from "#blueprints/template";
import { createScope, type Program } from "./expression-scope.ts";
import type { RunState } from "./run-state.ts";

/** A step that is about to run: its config rendered and checked, its effect known. */
export interface PreparedStep {
  readonly definition: NodeDefinition;
  readonly config: unknown;
  readonly effect: Effect;
  /** What its expressions see: the run as it was when the step began. Made when first asked for. */
  scope(): Record<string, unknown>;
  /** Hosts that the config writes out, before templates: data cannot add one. */
  hosts(): readonly string[];
}

/**
 * The step at `path`, of the node `id`.
 * @throws InputError where a template fails or the rendered config does not fit the node type;
 * ConfigurationError for a type that does not exist, or not any more
 */
export function prepareStep(
  program: Program,
  state: RunState,
  { path, id }: { readonly path: string; readonly id: string },
): PreparedStep {
  const { graph, run } = program;
  const node = graph.nodes.get(id);
  if (!node) throw new BugError("run.unknown-step", `The workflow has no step "${id}".`);
  const definition = definitionOf(graph.definitions.get(id), node.type);
  const frame = state.frames.get(path.slice(0, Math.max(0, path.length - id.length - 1)));
  let seen: Record<string, unknown> | undefined;
  const scope = () => (seen ??= createScope(program, state, frame));
  // A step that goes on sees the config that it began with.
  const begun = state.steps.get(path)?.input ?? undefined;
  const config = parseConfig(definition, node, begun ?? renderConfig(definition, node, scope()));
  const known: KnownEffects = {
    functionEffect: (reference) => run.document.functions[reference]?.effect,
  };
  return {
    definition,
    config,
    effect: definition.effect(config, known),
    scope,
    // Asked for only when something leaves: a step that sends nothing need not pay for it.
    hosts: () => hostsOf(definition, node.config),
  };
}

function parseConfig(definition: NodeDefinition, node: WorkflowNode, config: unknown): unknown {
  const parsed = definition.config.safeParse(config);
  if (parsed.success) return parsed.data;
  const problem = parsed.error.issues[0];
  throw new InputError(
    "step.config-invalid",
    `The config of step "${node.id}" does not fit at ${problem?.path.join(".") ?? ""}: ${problem?.message ?? "invalid"}`,
    { fix: `See the node type "${definition.type}" in aerostack://node-types.` },
  );
}

function hostsOf(definition: NodeDefinition, config: unknown): readonly string[] {
  const written = definition.config.safeParse(config);
  try {
    // With a template in the place of a number or time it is read as it stands.
    return definition.requires?.(written.success ? written.data : config).hosts ?? [];
  } catch {
    return [];
  }
}

function renderConfig(
  definition: NodeDefinition,
  node: WorkflowNode,
  scope: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(node.config).map(([field, value]) => [
      field,
      definition.verbatim?.includes(field) ? value : render(value, scope),
    ]),
  );
}

function definitionOf(known: NodeDefinition | undefined, type: string): NodeDefinition {
  if (known) return known;
  throw new ConfigurationError("step.unknown-type", `No node type "${type}".`, {
    fix: "Use one of aerostack://node-types.",
  });
}
