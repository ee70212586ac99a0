import type { BlueprintTest } from "#blueprints/blueprint";
import { createId } from "#edge/id";
import type { AccountActor } from "#edge/identity/actor";
import type { Services } from "#edge/services";
import { activate, recordDeployment } from "./activate.ts";
import type { DeployAnswer, TestEvidence } from "./answers.ts";
import {
  type Candidate,
  type DeploySelection,
  loadBlueprint,
  selectCandidates,
} from "./candidates.ts";
import { runTests } from "./evidence.ts";
import { once } from "./idempotency.ts";
import { withDeployLock } from "./lock.ts";
import { openPlace, type Place, summariseWorkspace } from "./place.ts";
import { preflight } from "./preflight.ts";
import { unique } from "./requirements.ts";
import { summariseDeployed } from "./summaries.ts";

export interface DeployRequest extends DeploySelection {
  /** Default true. */
  readonly runTests?: boolean | undefined;
  /** Checks and tests, changes nothing. */
  readonly dryRun?: boolean | undefined;
  readonly idempotencyKey?: string | undefined;
}

/**
 * Tests the new versions before they take traffic, then lets all of them at once. A failed test is
 * an answer with `state: "failed"` and its evidence: the previous versions stay live. Throws what
 * `preflight` finds missing, and `deploy.busy` while the workspace is being changed.
 */
export async function deployResources(
  services: Services,
  actor: AccountActor,
  { idempotencyKey, ...request }: DeployRequest,
): Promise<DeployAnswer> {
  return once(services, actor, { tool: "deploy", key: idempotencyKey, request }, async () => {
    const [first] = await selectCandidates(services, actor, request);
    const place = await openPlace(services, actor, first?.workspaceId ?? "");
    return withDeployLock(services, place.identity.id, async (lock) => {
      // Again, under the lock: another deploy may have just ended.
      const candidates = await selectCandidates(services, actor, request);
      await preflight(services, actor, place, candidates);
      const deploymentId = createId("dep", services.now());
      const tests = request.runTests === false ? [] : await testAll(services, actor, candidates);
      const answer = answerFor(services, place, { deploymentId, candidates, tests });
      const failed = tests.filter((test) => !test.passed);
      if (failed.length > 0) {
        if (!request.dryRun) {
          const attempt = { deploymentId, actor, place, candidates, tests };
          await recordDeployment(services, attempt, "failed");
        }
        return answer("failed", reasonOf(failed, tests.length));
      }
      if (request.dryRun) return answer("checked");
      await activate(services, { deploymentId, actor, place, lock, candidates, tests });
      return answer("live");
    });
  });
}

/** The tests of the blueprints that the candidates come from, as far as they name a candidate. */
async function testAll(
  services: Services,
  actor: AccountActor,
  candidates: readonly Candidate[],
): Promise<TestEvidence[]> {
  const tests: BlueprintTest[] = [];
  for (const id of unique(candidates.map(({ blueprintId }) => blueprintId))) {
    const { document } = await loadBlueprint(services, actor, id);
    const named = (test: BlueprintTest): boolean =>
      candidates.some(
        ({ blueprintId, kind, name }) =>
          blueprintId === id && kind === test.target.kind && name === test.target.name,
      );
    tests.push(...document.tests.filter(named));
  }
  return runTests(services, candidates, tests);
}

function answerFor(
  services: Services,
  place: Place,
  made: {
    readonly deploymentId: string;
    readonly candidates: readonly Candidate[];
    readonly tests: TestEvidence[];
  },
): (state: DeployAnswer["state"], reason?: string) => DeployAnswer {
  const { deploymentId, candidates, tests } = made;
  const resourceState = { live: "live", failed: "failed", checked: "draft" } as const;
  return (state, reason) => ({
    deploymentId,
    state,
    workspace: summariseWorkspace(services, place.identity),
    resources: candidates.map((candidate) =>
      summariseDeployed(services, place, candidate, resourceState[state]),
    ),
    tests,
    previous: candidates.map(({ kind, id, name, from }) => ({ kind, id, name, version: from })),
    ...(reason === undefined ? {} : { reason }),
  });
}

function reasonOf(failed: readonly TestEvidence[], total: number): string {
  const list = failed.map(({ name, failures }) => `"${name}": ${failures.join(" ")}`).join("; ");
  return `${failed.length} of ${total} tests failed, so nothing took traffic and what was live stays live. ${list}`;
}
