import { z } from "zod";
import type { DeployAnswer } from "#edge/deploy/answers";
import { deployResources } from "#edge/deploy/deploy";
import { counted } from "../counted.ts";
import { idempotencyKey } from "../fields.ts";
import { defineTool } from "../tool.ts";

function next({ state, resources }: DeployAnswer): string {
  if (state === "checked") return "deploy again without dry_run to make it live.";
  if (state === "failed") {
    return "Read the tests' failures, change the blueprint, create and deploy again; what was live before still is.";
  }
  const urls = resources.flatMap((one) => Object.values(one.urls));
  return urls.length > 0
    ? `Call it: ${urls.slice(0, 3).join(", ")}; then get_run shows the trace.`
    : "Call it with invoke.";
}

export const deploy = defineTool({
  name: "deploy",
  title: "Deploy",
  description:
    "Makes draft versions live: all of a blueprint_id, or the given resource ids. The blueprint's tests run against the new versions before they take traffic; when one fails, what was live stays live. dry_run only runs the tests. Fails while a secret has no value.",
  annotations: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: true,
  },
  input: z.strictObject({
    resources: z.array(z.string().max(64)).min(1).max(200).optional().describe("Ids from create."),
    blueprint_id: z.string().max(64).optional(),
    run_tests: z.boolean().default(true),
    dry_run: z.boolean().default(false),
    idempotency_key: idempotencyKey,
  }),
  output: z.object({
    deployment_id: z.string(),
    state: z.string().describe("live, failed or checked"),
    resources: z.array(
      z.looseObject({
        kind: z.string(),
        id: z.string(),
        name: z.string(),
        urls: z.record(z.string(), z.string()),
      }),
    ),
    tests: z.array(z.looseObject({ name: z.string(), passed: z.boolean() })),
    previous: z.array(z.looseObject({ id: z.string() })),
    reason: z.string().optional(),
  }),
  async run({ services, actor, progress }, { blueprint_id: blueprintId, ...args }) {
    await progress(args.run_tests ? "Running the tests." : "Deploying.");
    const answer = await deployResources(services, actor, {
      resources: args.resources,
      blueprintId,
      runTests: args.run_tests,
      dryRun: args.dry_run,
      idempotencyKey: args.idempotency_key,
    });
    const passed = answer.tests.filter((one) => one.passed).length;
    return {
      data: {
        deployment_id: answer.deploymentId,
        state: answer.state,
        workspace: answer.workspace.slug,
        gateway_url: answer.workspace.gatewayUrl,
        resources: answer.resources.map((one) => ({ ...one, urls: { ...one.urls } })),
        tests: answer.tests.map(({ runId, durationMs, ...test }) => ({
          ...test,
          duration_ms: durationMs,
          ...(runId ? { run_id: runId } : {}),
        })),
        previous: answer.previous.map((one) => ({ ...one })),
        ...(answer.reason ? { reason: answer.reason } : {}),
      },
      summary: `${answer.deploymentId} is ${answer.state}; ${passed} of ${counted(answer.tests.length, "test")} passed.${answer.reason ? ` ${answer.reason}` : ""}`,
      next: next(answer),
    };
  },
});
