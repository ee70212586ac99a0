import { type BlueprintInput, blueprintSchema } from "#blueprints/blueprint";
import { checkBlueprint } from "#blueprints/check";
import { toMermaid } from "#blueprints/diagram";
import type { Issue } from "#blueprints/issue";
import type { Brief, Draft, Drafter } from "./drafter.ts";
import { embeddedDrafter } from "./embedded/drafter.ts";
import { createLlmDrafter } from "./llm/drafter.ts";
import { repairBlueprint } from "./repair.ts";
import type { PlanAnswer, PlannerTools, PlanRequest, RegistryHit } from "./request.ts";

/** Model repairs before the embedded drafter takes over. */
const mostRepairs = 2;

/**
 * Turns an intent into a checked blueprint: draft, check, repair. A model drafts when one is given;
 * when it fails, the embedded drafter answers and a warning says so. Throws nothing of its own: an
 * intent that cannot be understood is answered with questions.
 */
export async function plan(request: PlanRequest, tools: PlannerTools): Promise<PlanAnswer> {
  const brief: Brief = { request, tools, hits: await findHits(request, tools) };
  if (!tools.model) return finish(brief, embeddedDrafter);
  const drafter = createLlmDrafter(tools.model);
  try {
    const answer = await finish(brief, drafter);
    if (answer.blueprint === undefined || errorsOf(answer.blueprint, tools).length === 0)
      return answer;
    return await fallBack(
      brief,
      `${drafter.name} drafted a blueprint that does not pass the checks`,
    );
  } catch (error) {
    return await fallBack(
      brief,
      `${drafter.name} failed: ${error instanceof Error ? error.message.slice(0, 200) : "unknown error"}`,
    );
  }
}

async function fallBack(brief: Brief, reason: string): Promise<PlanAnswer> {
  const answer = await finish(brief, embeddedDrafter);
  return {
    ...answer,
    warnings: [`${reason}; the embedded planner answered instead.`, ...answer.warnings],
  };
}

async function finish(brief: Brief, drafter: Drafter): Promise<PlanAnswer> {
  let draft = await drafter.draft(brief);
  for (let round = 0; ; round++) {
    if (!draft.blueprint) break;
    draft = { ...draft, blueprint: repairBlueprint(draft.blueprint, brief.tools.catalogue) };
    const errors = errorsOf(draft.blueprint, brief.tools, brief);
    if (errors.length === 0 || !drafter.repair || !draft.blueprint || round >= mostRepairs) break;
    draft = await drafter.repair(brief, draft.blueprint, errors);
  }
  return toAnswer(draft, drafter.name, brief);
}

function toAnswer(draft: Draft, planner: string, brief: Brief): PlanAnswer {
  if (!draft.blueprint) return { ...draft, diagram: "", planner };
  const errors = errorsOf(draft.blueprint, brief.tools, brief);
  const warnings = [
    ...draft.warnings,
    ...unchanged(draft.blueprint, brief.request),
    ...errors.map(({ message, fix, path }) => `${path}: ${message} ${fix}`),
  ];
  const confidence = errors.length > 0 ? Math.min(draft.confidence, 0.3) : draft.confidence;
  return { ...draft, warnings, confidence, planner, diagram: diagramOf(draft.blueprint) };
}

/** Feedback that no step, condition, schedule or service follows from: the text of it changes nothing. */
function unchanged(blueprint: BlueprintInput, { intent, refine }: PlanRequest): string[] {
  const before = refine?.plan.blueprint;
  if (!refine || !before || shapeOf(before, intent) !== shapeOf(blueprint, intent)) return [];
  const said = refine.feedback.slice(0, 100);
  return [
    `The feedback "${said}" changed nothing in the plan. Say it with the step, service, condition or time that is to change, or change the blueprint by hand and give it to \`scaffold\`.`,
  ];
}

/** Without the texts that only repeat the intent, to which feedback is added. */
function shapeOf(blueprint: BlueprintInput, intent: string): string {
  const begins = intent.trim().replace(/\s+/g, " ").slice(0, 30).toLowerCase();
  return JSON.stringify(blueprint, (_, value: unknown) =>
    typeof value === "string" && value.toLowerCase().includes(begins) ? "" : value,
  );
}

function errorsOf(
  blueprint: BlueprintInput | undefined,
  tools: PlannerTools,
  brief?: Brief,
): Issue[] {
  const functions = brief?.request.existing?.functions?.map(({ name }) => name) ?? [];
  const mcps =
    brief?.request.existing?.tools?.flatMap(({ name }) => name.split("__")[0] ?? []) ?? [];
  return checkBlueprint(blueprint, tools.catalogue, { functions, mcps }).issues.filter(
    ({ severity }) => severity === "error",
  );
}

function diagramOf(input: BlueprintInput): string {
  const parsed = blueprintSchema.safeParse(input);
  const workflow = parsed.data?.workflows[0];
  return workflow ? toMermaid(workflow) : "";
}

/** Searches the marketplace; a marketplace that is down costs a match, not the plan. */
async function findHits(
  { intent }: PlanRequest,
  tools: PlannerTools,
): Promise<readonly RegistryHit[]> {
  const named = [...intent.slice(0, 4000).matchAll(/@[a-z0-9][a-z0-9-]*\/[a-z0-9][a-z0-9-]*/g)].map(
    ([slug]) => slug,
  );
  const found: RegistryHit[] = [];
  for (const query of [...new Set(named), intent.slice(0, 400)]) {
    const hits = await tools.searchRegistry(query).catch(() => []);
    for (const hit of hits) {
      const isKnown = found.some(({ slug }) => slug === hit.slug);
      if (!isKnown) found.push(hit);
    }
  }
  return found.slice(0, 12);
}
