import { type Blueprint, blueprintSchema } from "./blueprint.ts";
import type { NodeCatalogue } from "./catalogue.ts";
import type { KnownResources, Report } from "./checks/check.ts";
import { checks } from "./checks/index.ts";
import { formatPath } from "./checks/path.ts";
import { explainIssues } from "./checks/schema-issues.ts";
import { checkSize } from "./checks/size.ts";
import { createSubject } from "./checks/subject.ts";
import type { Issue } from "./issue.ts";

/** More issues than this are not listed: who has that many fixes the first ones first. */
const mostIssues = 100;

export interface BlueprintReport {
  /** Absent when the document does not fit the schema; present beside semantic issues. */
  readonly blueprint?: Blueprint;
  /** Errors first. No error: the blueprint can be deployed with this catalogue. */
  readonly issues: Issue[];
}

/**
 * Checks a blueprint, whatever it is: size, schema, then what it means. Never throws, and its work is
 * bounded by the size limits. `known` names what the workspace has already.
 */
export function checkBlueprint(
  input: unknown,
  catalogue: NodeCatalogue,
  known: KnownResources = {},
): BlueprintReport {
  const tooBig = checkSize(input);
  if (tooBig) return { issues: [tooBig] };
  const parsed = blueprintSchema.safeParse(input);
  if (!parsed.success) {
    const issues = explainIssues(blueprintSchema, input, parsed.error.issues).map(
      (issue): Issue => {
        const { code, message, fix } = issue;
        return { severity: "error", code, path: formatPath(issue.path), message, fix };
      },
    );
    return { issues: issues.slice(0, mostIssues) };
  }
  const subject = createSubject(parsed.data, catalogue, known);
  const issues: Issue[] = [];
  const report: Report = ({ severity = "error", fix, ...issue }) => {
    const kept = issues.filter((one) => one.severity === severity).length;
    if (kept >= mostIssues) return;
    issues.push({ severity, ...issue, fix: typeof fix === "function" ? fix() : fix });
  };
  for (const check of Object.values(checks)) check(subject, report);
  const errors = issues.filter(({ severity }) => severity === "error");
  const warnings = issues.filter(({ severity }) => severity === "warning");
  return { blueprint: parsed.data, issues: [...errors, ...warnings].slice(0, mostIssues) };
}
