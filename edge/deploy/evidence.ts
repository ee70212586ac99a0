import type { BlueprintTest } from "#blueprints/blueprint";
import { InputError, toWireError } from "#blueprints/error";
import { deserializeError, unwrap } from "#blueprints/outcome";
import type { LiveFunction, LiveMcp, LiveWorkflow } from "#edge/gateway/live-items";
import { createRunId } from "#edge/workflow/run-id";
import type { IsolateGrant } from "#edge/isolates/isolate";
import { tryFunction } from "#edge/isolates/run";
import type { RunTrace } from "#edge/workflow/run-api";
import { executeRun, readTrace, runStub } from "#edge/workflow/start";
import type { Services } from "#edge/services";
import type { TestEvidence } from "./answers.ts";
import type { Candidate } from "./candidates.ts";
import { compare, type Observation } from "./expectation.ts";
import { callHostedTool } from "./hosted-call.ts";

/** Milliseconds that one test may take; a deploy answers well within a client's 45 s. */
const testMs = 15_000;

type Observed = Observation & { readonly runId?: string };

/** Runs each test against the candidate that it names, none of which takes traffic yet. */
export async function runTests(
  services: Services,
  candidates: readonly Candidate[],
  tests: readonly BlueprintTest[],
): Promise<TestEvidence[]> {
  const evidence: TestEvidence[] = [];
  // Four at a time: enough to be quick, few enough that tests do not time each other out.
  for (let at = 0; at < tests.length; at += 4) {
    const some = tests.slice(at, at + 4).map((test) => runTest(services, candidates, test));
    evidence.push(...(await Promise.all(some)));
  }
  return evidence;
}

async function runTest(
  services: Services,
  candidates: readonly Candidate[],
  test: BlueprintTest,
): Promise<TestEvidence> {
  const started = services.now();
  const { kind, name } = test.target;
  const candidate = candidates.find((item) => item.kind === kind && item.name === name);
  let observed: Observed;
  try {
    if (!candidate) throw noCandidate(kind, name);
    observed = await observe(services, candidate, test);
  } catch (error) {
    observed = { error: toWireError(error), visited: [], effects: [] };
  }
  const failures = compare(test.expect, observed);
  return {
    name: test.name,
    target: `${kind} ${name}`,
    passed: failures.length === 0,
    failures,
    ...(observed.output === undefined ? {} : { output: observed.output }),
    ...(observed.error === undefined ? {} : { error: observed.error }),
    visited: [...observed.visited],
    effects: [...observed.effects],
    ...(observed.runId === undefined ? {} : { runId: observed.runId }),
    durationMs: services.now() - started,
  };
}

async function observe(
  services: Services,
  candidate: Candidate,
  test: BlueprintTest,
): Promise<Observed> {
  const { live } = candidate.compiled;
  switch (live?.kind) {
    case "workflow":
      return observeWorkflow(services, candidate, live.definition, test);
    case "function":
      return observeFunction(services, candidate, live.definition, test);
    case "mcp": {
      const { tool = "" } = test.target;
      const grant = grantOf(candidate, live.definition);
      const output = await callHostedTool(
        services.env,
        { code: live.definition.code, grant },
        { name: tool, arguments: test.input },
      );
      return { output, visited: [], effects: [] };
    }
    case "skill":
    case "endpoint":
    case "webhook":
    case "schedule":
    case "bot":
    case undefined:
      throw new InputError(
        "test.not-testable",
        `The ${candidate.kind} "${candidate.name}" has no code of its own to test.`,
        { fix: "Test the workflow that calls it, with a stub for its answer." },
      );
    default:
      return live satisfies never;
  }
}

async function observeWorkflow(
  services: Services,
  candidate: Candidate,
  document: LiveWorkflow,
  test: BlueprintTest,
): Promise<Observed> {
  const id = createRunId(candidate.workspaceId, services.now());
  const request = {
    id,
    workspaceId: candidate.workspaceId,
    name: candidate.name,
    version: candidate.version,
    document,
    trigger: "test",
    input: test.input,
    mode: "test",
    stubs: test.stubs,
  } as const;
  const { status, output, error } = await executeRun(services.env, request, testMs);
  const path = pathOf(await readTrace(services.env, id));
  if (status === "running" || status === "waiting") {
    unwrap(await runStub(services.env, id).cancel("The test took too long."));
    const code = status === "waiting" ? "test.waits" : "test.timeout";
    const message = `The run was still ${status} after ${testMs / 1000} s.`;
    return { runId: id, error: { code, message }, ...path };
  }
  return {
    runId: id,
    ...(output === undefined ? {} : { output }),
    ...(error === undefined ? {} : { error }),
    ...path,
  };
}

function pathOf(trace: RunTrace): Pick<Observation, "visited" | "effects"> {
  return {
    visited: trace.steps.map((step) => step.id),
    effects: trace.steps.flatMap((step) =>
      step.effects.map(({ target, body }) => {
        return { node: step.id, target, ...(body === undefined ? {} : { body }) };
      }),
    ),
  };
}

async function observeFunction(
  services: Services,
  candidate: Candidate,
  live: LiveFunction,
  test: BlueprintTest,
): Promise<Observed> {
  const outcome = await tryFunction(services.env, {
    code: live.code,
    grant: grantOf(candidate, live),
    input: test.input,
    stubs: test.stubs,
    limits: { wallMs: testMs },
  });
  const effects = outcome.outsideCalls.map(({ method, url, body }) => {
    const target = `${method} ${url}`;
    return { node: candidate.name, target, ...(body === undefined ? {} : { body }) };
  });
  const result = outcome.ok
    ? { output: outcome.output }
    : { error: toWireError(deserializeError(outcome.error)) };
  return { visited: [], effects, ...result };
}

/** Nothing leaves: the egress answers with the test's stubs. */
function grantOf(candidate: Candidate, live: LiveFunction | LiveMcp): IsolateGrant {
  const { egress, secrets } = live;
  return { workspaceId: candidate.workspaceId, egress, secrets, mode: "test" };
}

function noCandidate(kind: string, name: string): InputError {
  return new InputError("test.no-target", `There is no ${kind} "${name}" to test.`, {
    fix: "Correct the test's target.",
  });
}
