import { type Blueprint, type BlueprintTest, blueprintSchema } from "#blueprints/blueprint";
import { checkBlueprint } from "#blueprints/check";
import { InputError } from "#blueprints/error";
import type { Issue } from "#blueprints/issue";
import { applyAnswers, isStandIn } from "./answers.ts";
import { sampleOf } from "./embedded/sample.ts";
import { toName } from "./embedded/text.ts";
import { repairBlueprint } from "./repair.ts";
import type { PlannerTools, ScaffoldAnswer, ScaffoldRequest } from "./request.ts";

/**
 * Completes a blueprint until it can be created: answers applied, defaults written out, code of
 * every function present, tests there. What is missing stands in `checks` with its fix. Throws
 * InputError `scaffold.nothing` when there is no blueprint to complete.
 */
export async function scaffold(
  request: ScaffoldRequest,
  tools: PlannerTools,
): Promise<ScaffoldAnswer> {
  const given = request.blueprint ?? request.plan?.blueprint;
  if (!given) {
    const open = request.plan?.questions.map(({ text }) => text).join(" ");
    throw new InputError(
      "scaffold.nothing",
      `The plan has no blueprint${open ? `: it asks "${open}"` : ""}.`,
      {
        fix: "Plan again with an intent that answers the questions.",
      },
    );
  }
  const named = request.name ? { ...given, name: toName(request.name) } : given;
  const answered = applyAnswers(named, request.answers ?? {}, request.plan);
  const check = (document: unknown) => checkBlueprint(document, tools.catalogue, request.known);
  const { blueprint: parsed, issues } = check(answered.blueprint);
  if (!parsed) return { blueprint: answered.blueprint, files: [], checks: issues, tests: [] };
  const filled = await withRegistrySchemas(parsed, tools);
  const repaired = blueprintSchema.parse(repairBlueprint(filled, tools.catalogue));
  const complete = { ...repaired, tests: [...repaired.tests, ...missingTests(repaired)] };
  const checks = [...check(complete).issues, ...answered.issues, ...standIns(complete, request)];
  return {
    blueprint: complete,
    files: filesOf(complete),
    checks,
    tests: complete.tests.map(({ name }) => name),
  };
}

/** Functions taken from the marketplace get its schemas, so that checks see their fields. */
async function withRegistrySchemas(blueprint: Blueprint, tools: PlannerTools): Promise<Blueprint> {
  const functions = await Promise.all(
    blueprint.functions.map(async (one) => {
      if (!one.use || Object.keys(one.output).length > 0) return one;
      const slug = one.use.slice(0, one.use.lastIndexOf("@"));
      const hits = await tools.searchRegistry(slug).catch(() => []);
      const hit = hits.find((entry) => entry.slug === slug);
      return hit
        ? { ...one, input: hit.input ?? one.input, output: hit.output ?? one.output }
        : one;
    }),
  );
  return { ...blueprint, functions };
}

/** A resource without a test gets one that shows it runs at all. */
function missingTests(blueprint: Blueprint): BlueprintTest[] {
  const isTested = (kind: string, name: string) =>
    blueprint.tests.some(({ target }) => target.kind === kind && target.name === name);
  const functions = blueprint.functions
    .filter(({ name, code }) => code !== undefined && !isTested("function", name))
    .flatMap((one) =>
      one.examples.map((example, index) => ({
        name: `${one.name}: example ${index + 1}`,
        target: { kind: "function" as const, name: one.name },
        input: example.input,
        stubs: [],
        expect: { output: example.output },
      })),
    );
  const workflows = blueprint.workflows
    .filter(({ name }) => !isTested("workflow", name))
    .map((workflow) => {
      const entry = workflow.nodes.find(({ type }) => type === "trigger");
      return {
        name: `${workflow.name}: an ordinary run starts`,
        target: { kind: "workflow" as const, name: workflow.name },
        input: sampleOf(workflow.input),
        stubs: workflow.nodes.filter(({ type }) => type === "human_review").map(approvalOf),
        expect: entry ? { visited: [entry.id] } : {},
      };
    });
  return [...functions, ...workflows];
}

/** A stub that speaks for the reviewers, with every field that they have to enter. */
function approvalOf({ id, config }: Blueprint["workflows"][number]["nodes"][number]) {
  const { form } = config;
  const fields = form === undefined ? {} : { fields: sampleOf(form) };
  return { match: id, status: 200, body: { decision: "approved", ...fields } };
}

/** Stand-ins that nobody replaced yet: it deploys, but talks to nobody real. */
function standIns(blueprint: Blueprint, { plan, answers }: ScaffoldRequest): Issue[] {
  const text = JSON.stringify(blueprint);
  return (plan?.requires.decisions ?? [])
    .filter(
      ({ id, chosen }) => answers?.[id] === undefined && isStandIn(chosen) && text.includes(chosen),
    )
    .map(({ id, text: what, chosen }) => ({
      severity: "warning" as const,
      code: "scaffold.stand-in",
      path: `answers.${id}`,
      message: `"${chosen}" is a stand-in. ${what}`,
      fix: `Scaffold again with answers: {"${id}": "..."}.`,
    }));
}

function filesOf(blueprint: Blueprint): ScaffoldAnswer["files"] {
  return [
    ...blueprint.functions.flatMap(({ name, code }) =>
      code === undefined ? [] : [{ path: `functions/${name}.ts`, content: code }],
    ),
    ...blueprint.mcps.flatMap(({ name, code }) =>
      code === undefined ? [] : [{ path: `mcps/${name}.ts`, content: code }],
    ),
    ...blueprint.skills.flatMap(({ name, instructions }) =>
      instructions === undefined
        ? []
        : [{ path: `skills/${name}/SKILL.md`, content: instructions }],
    ),
  ];
}
