import type { BlueprintCheck } from "./check.ts";
import { hostAllowed } from "./hosts.ts";

/** Functions, skills and servers say where they come from, once; their code says what it exports. */
export const checkCodeSources: BlueprintCheck = ({ blueprint }, report) => {
  const one = (path: string, item: object, fields: readonly string[]): void => {
    const given = fields.filter((field) => (item as Record<string, unknown>)[field] !== undefined);
    if (given.length === 1) return;
    const names = fields.map((field) => `\`${field}\``).join(" or ");
    report({
      code: given.length === 0 ? "resource.no-source" : "resource.several-sources",
      path,
      message:
        given.length === 0
          ? `${path} has no ${names}.`
          : `${path} has ${given.map((field) => `\`${field}\``).join(" and ")}.`,
      fix: `Give exactly one of ${names}.`,
    });
  };
  blueprint.functions.forEach((item, index) => {
    const path = `functions[${index}]`;
    one(path, item, ["code", "use"]);
    if (item.code === undefined) return;
    if (!/\bexport\s+default\b|\bas\s+default\b/.test(item.code)) {
      report({
        code: "function.no-default-export",
        path: `${path}.code`,
        message: `The code of function "${item.name}" exports no default.`,
        fix: "Write it as `export default async function (input, context) { ... }`.",
      });
    }
    for (const host of hostsIn(item.code)) {
      if (hostAllowed(host, item.egress)) continue;
      report({
        severity: "warning",
        code: "egress.host-not-listed",
        path: `${path}.egress`,
        message: `The code of function "${item.name}" names "${host}", which its egress does not allow.`,
        fix: `Add "${host}" to functions[${index}].egress if the code calls it.`,
      });
    }
  });
  blueprint.skills.forEach((item, index) => {
    one(`skills[${index}]`, item, ["instructions", "use"]);
  });
  blueprint.mcps.forEach((item, index) => one(`mcps[${index}]`, item, ["url", "code", "use"]));
};

/** Hosts of the URLs that stand in the code, at most ten. */
function hostsIn(code: string): string[] {
  const found = [...code.matchAll(/\bfetch\(\s*["'`]https?:\/\/([a-z0-9.-]+(?::\d+)?)/gi)];
  return [...new Set(found.map(([, host = ""]) => host.toLowerCase()))].slice(0, 10);
}
