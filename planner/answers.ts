import type { BlueprintInput } from "#blueprints/blueprint";
import type { Issue } from "#blueprints/issue";
import type { PlanAnswer, ScaffoldRequest } from "./request.ts";

/** A blueprint with answers applied, and what could not be applied. */
export interface Answered {
  readonly blueprint: BlueprintInput;
  readonly issues: readonly Issue[];
}

/**
 * Puts a person's answers where the plan left stand-ins: each decision's chosen value is replaced
 * throughout. An answer to a question that changes what is built (another provider) cannot be put
 * in; it is reported with the way to do it.
 */
export function applyAnswers(
  blueprint: BlueprintInput,
  answers: NonNullable<ScaffoldRequest["answers"]>,
  plan: PlanAnswer | undefined,
): Answered {
  let result = blueprint;
  const issues: Issue[] = [];
  for (const [id, value] of Object.entries(answers)) {
    const decision = plan?.requires.decisions.find((one) => one.id === id);
    const question = plan?.questions.find((one) => one.id === id);
    if (decision && id === "timezone") {
      result = {
        ...result,
        ...(result.schedules
          ? { schedules: result.schedules.map((one) => ({ ...one, timezone: value })) }
          : {}),
      };
    } else if (decision && isReviewers(id)) {
      result = withReviewers(result, id, value);
    } else if (decision && isStandIn(decision.chosen)) {
      result = replaceAll(result, decision.chosen, value) as BlueprintInput;
      const [from, to] = [hostOf(decision.chosen), hostOf(value)];
      if (from && to) result = replaceAll(result, from, to) as BlueprintInput;
    } else if (value !== (decision?.chosen ?? question?.assumed)) {
      issues.push(notApplied(id, value, decision !== undefined || question !== undefined));
    }
  }
  return { blueprint: result, issues };
}

function isReviewers(id: string): boolean {
  return id === "reviewers" || id.startsWith("reviewers_");
}

/** Who decides at the step of this decision: "maria, otto" or "role:admin". */
function withReviewers(blueprint: BlueprintInput, id: string, value: string): BlueprintInput {
  const step = id === "reviewers" ? "approval" : id.replace("reviewers_", "");
  const reviewers = value.split(/\s*(?:,|;|\band\b|\bor\b)\s*/i).filter(Boolean);
  const workflows = blueprint.workflows?.map((workflow) => ({
    ...workflow,
    nodes: workflow.nodes.map((node) =>
      node.id === step && node.type === "human_review"
        ? { ...node, config: { ...node.config, reviewers } }
        : node,
    ),
  }));
  return { ...blueprint, ...(workflows ? { workflows } : {}) };
}

/** Values long and odd enough that they stand for nothing else in the document. */
export function isStandIn(chosen: string): boolean {
  return /example\.com|-of-|@your_channel|0000000/.test(chosen);
}

function notApplied(id: string, value: string, isKnown: boolean): Issue {
  return {
    severity: "warning",
    code: isKnown ? "scaffold.replan" : "scaffold.unknown-answer",
    path: `answers.${id}`,
    message: isKnown
      ? `"${value}" for "${id}" changes what is built.`
      : `The plan asks nothing called "${id}".`,
    fix: isKnown
      ? `Plan again with refine: {feedback: "${id}: ${value.slice(0, 80)}"}.`
      : "Use the ids of questions and decisions.",
  };
}

function hostOf(text: string): string | undefined {
  return URL.canParse(text) ? new URL(text).host : undefined;
}

/** Every string of the document, keys untouched. */
function replaceAll(value: unknown, from: string, to: string): unknown {
  if (typeof value === "string") return value.replaceAll(from, to);
  if (Array.isArray(value)) return value.map((item) => replaceAll(item, from, to));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, replaceAll(item, from, to)]),
  );
}
