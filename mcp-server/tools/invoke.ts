import { z } from "zod";
import { InputError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import { type Candidate, findResources, loadCandidate } from "#edge/deploy/candidates";
import { workspaceStub } from "#edge/gateway/directory";
import type { LiveFunction, LiveSkill, LiveWorkflow } from "#edge/gateway/live-items";
import { createRunId } from "#edge/workflow/run-id";
import { runFunction } from "#edge/isolates/run";
import { runUrl } from "#edge/workflow/find-run";
import { executeRun } from "#edge/workflow/start";
import { resourceReference } from "../fields.ts";
import { startOf } from "../run-access.ts";
import { defineTool, type ToolAnswer, type ToolContext } from "../tool.ts";

/** How long the answer waits for a workflow; clients give up after 45 to 60 seconds. */
const waitMs = 25_000;

interface Invoked {
  version: number;
  state: string;
  output?: unknown;
  logs?: string[];
  run_id?: string;
  url?: string;
  duration_ms?: number;
  error?: Record<string, unknown>;
}

interface Call {
  readonly context: ToolContext;
  readonly candidate: Candidate;
  readonly input: unknown;
}

export const invoke = defineTool({
  name: "invoke",
  title: "Run now",
  description:
    "Runs a function, workflow or skill of yours now and answers with its result: for a workflow also run_id, for get_run. Without version: the live one, else the latest draft. Outside calls are real. A workflow over 25 s answers with state running. A skill answers with instructions to follow.",
  annotations: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: false,
    openWorldHint: true,
  },
  input: z.strictObject({
    resource: resourceReference,
    input: z.unknown().optional(),
    version: z.int().min(1).optional().describe("May be a draft."),
  }),
  output: z.object({
    version: z.number(),
    state: z.string().describe("succeeded, failed, running or waiting"),
    output: z.unknown().optional(),
    logs: z.array(z.string()).optional(),
    run_id: z.string().optional(),
    url: z.string().optional(),
    duration_ms: z.number().optional(),
    error: z.looseObject({}).optional(),
  }),
  async run(context, { resource, input = {}, version }) {
    const { services, actor } = context;
    const [row] = await findResources(services, actor, [resource]);
    if (!row) throw new InputError("resource.not-found", `There is no resource "${resource}".`);
    const wanted = version ?? row.liveVersion ?? row.latestVersion;
    const candidate = await loadCandidate(services, row, wanted);
    const { live } = candidate.compiled;
    const call = { context, candidate, input };
    if (live?.kind === "function") return callFunction(call, live.definition);
    if (live?.kind === "workflow") return callWorkflow(call, live.definition);
    if (live?.kind === "skill") return readSkill(call, live.definition);
    throw new InputError(
      "invoke.not-runnable",
      `"${row.name}" is of kind ${row.kind}, which cannot be invoked.`,
      {
        fix: "Invoke the workflow behind an endpoint, webhook or schedule; call a hosted MCP server through its workspace.",
      },
    );
  },
});

async function callFunction(
  { context: { services, actor }, candidate, input }: Call,
  definition: LiveFunction,
): Promise<ToolAnswer<Invoked>> {
  const { name, version, workspaceId } = candidate;
  const started = services.now();
  const isLive = candidate.from === version;
  const { output, logs } = isLive
    ? unwrap(await workspaceStub(services.env, workspaceId).callFunction({ actor, name, input }))
    : await runFunction(services.env, {
        code: definition.code,
        input,
        grant: {
          workspaceId,
          egress: definition.egress,
          secrets: definition.secrets,
          mode: "live",
        },
      });
  return {
    data: { version, state: "succeeded", output, logs, duration_ms: services.now() - started },
    summary: `Function ${name} version ${version}${isLive ? "" : " (not live)"} answered.`,
  };
}

async function callWorkflow(
  { context: { services, actor, progress }, candidate, input }: Call,
  document: LiveWorkflow,
): Promise<ToolAnswer<Invoked>> {
  const { name, version, workspaceId } = candidate;
  const id = createRunId(workspaceId, services.now());
  await progress(`Starting ${id}.`);
  const request = { id, workspaceId, name, version, document, input, ...startOf(services, actor) };
  const result = await executeRun(
    services.env,
    { ...request, trigger: "manual", mode: "live" },
    waitMs,
  );
  return {
    data: {
      version,
      state: result.status,
      run_id: id,
      url: runUrl(services.baseUrl, id),
      ...(result.output === undefined ? {} : { output: result.output }),
      ...(result.error ? { error: { ...result.error } } : {}),
    },
    summary: `Run ${id} of ${name} version ${version} is ${result.status}${result.error ? `: ${result.error.message}` : ""}.`,
    next: `get_run ${id} shows every step; a person sees them at ${runUrl(services.baseUrl, id)}.`,
  };
}

async function readSkill(
  { candidate: { name, version } }: Call,
  definition: LiveSkill,
): Promise<ToolAnswer<Invoked>> {
  const { instructions, functions } = definition;
  return {
    data: { version, state: "succeeded", output: { instructions, functions: [...functions] } },
    summary: `The instructions of skill ${name}.`,
    next: "Follow them; its functions can be invoked.",
  };
}
