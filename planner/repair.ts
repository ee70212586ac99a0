import type { BlueprintInput } from "#blueprints/blueprint";
import type { NodeCatalogue } from "#blueprints/catalogue";

/**
 * Mends what needs no thought, before any model is asked: edges to steps that do not exist or from
 * themselves, hosts that steps call but the egress list lacks, secrets that are used but undeclared.
 */
export function repairBlueprint(
  blueprint: BlueprintInput,
  catalogue: NodeCatalogue,
): BlueprintInput {
  const workflows = blueprint.workflows?.map((workflow) => {
    const ids = new Set(workflow.nodes.map(({ id }) => id));
    const seen = new Set<string>();
    const edges = (workflow.edges ?? []).filter(({ from, to, port = "next" }) => {
      const key = `${from}:${port}:${to}`;
      const good = ids.has(from) && ids.has(to) && from !== to && !seen.has(key);
      seen.add(key);
      return good;
    });
    return { ...workflow, edges };
  });
  const mended = { ...blueprint, ...(workflows ? { workflows } : {}) };
  const needs = requirementsOf(mended, catalogue);
  const egress = new Set([...(blueprint.egress ?? []), ...needs.hosts]);
  const declared = blueprint.secrets ?? [];
  const missing = [...needs.secrets].filter(
    (name) => !declared.some((secret) => secret.name === name),
  );
  const added = missing.map((name) => ({
    name,
    purpose: `Used by the workflow as ${name}.`,
    kind: name.endsWith("_URL") ? ("url" as const) : ("token" as const),
  }));
  return { ...mended, egress: [...egress], secrets: [...declared, ...added] };
}

/** Hosts and secrets that the steps say they need. */
function requirementsOf(blueprint: BlueprintInput, catalogue: NodeCatalogue) {
  const hosts = new Set<string>();
  const secrets = new Set<string>();
  for (const { nodes } of blueprint.workflows ?? []) {
    for (const { type, config = {} } of nodes) {
      const definition = Object.hasOwn(catalogue, type) ? catalogue[type] : undefined;
      const parsed = definition?.config.safeParse(config);
      if (!definition?.requires || !parsed?.success) continue;
      const needs = definition.requires(parsed.data);
      for (const host of needs.hosts ?? []) if (/^[a-z0-9.-]+(:\d+)?$/.test(host)) hosts.add(host);
      for (const secret of needs.secrets ?? [])
        if (/^[A-Z][A-Z0-9_]*$/.test(secret)) secrets.add(secret);
    }
  }
  return { hosts, secrets };
}
