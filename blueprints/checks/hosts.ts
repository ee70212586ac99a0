import type { BlueprintCheck } from "./check.ts";

/** `*.example.com` allows subdomains only; a pattern without a port allows any. */
export function hostAllowed(host: string, patterns: readonly string[]): boolean {
  const name = host.replace(/:\d+$/, "");
  return patterns.some((pattern) => {
    const wanted = /:\d+$/.test(pattern) ? host : name;
    return pattern.startsWith("*.") ? wanted.endsWith(pattern.slice(1)) : wanted === pattern;
  });
}

/** A blueprint says to which hosts it sends data; who installs it reads that list. */
export const checkHosts: BlueprintCheck = ({ blueprint, workflows }, report) => {
  for (const { node, path, requirements } of workflows.flatMap(({ nodes }) => nodes)) {
    for (const host of requirements.hosts ?? []) {
      if (hostAllowed(host, blueprint.egress)) continue;
      report({
        severity: "warning",
        code: "egress.host-not-listed",
        path: `${path}.config`,
        message: `Node "${node.id}" sends requests to "${host}", which egress does not list.`,
        fix: `Add "${host}" to egress.`,
      });
    }
  }
};
