import { z } from "zod";
import { InputError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import { findRunDocument } from "../run-document.ts";
import { createRunId } from "#edge/workflow/run-id";
import { type Fork, forkRun, runStub, startRun } from "#edge/workflow/start";
import { type OwnRun, readOwnRun, startOf } from "../run-access.ts";
import { defineTool, type ToolAnswer, type ToolContext } from "../tool.ts";

interface Controlled {
  run_id: string;
  action: string;
  new_run_id?: string;
}

export const controlRun = defineTool({
  name: "control_run",
  title: "Control a run",
  description:
    "cancel: stops it; error handlers undo what they declare. retry: the same again. fork: a run from before `step`, with other `input` or `config`. answer: answers a waiting step, unless another person must.",
  annotations: {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: false,
    openWorldHint: true,
  },
  input: z.strictObject({
    run_id: z.string().max(64),
    action: z.enum(["cancel", "retry", "fork", "answer"]),
    reason: z.string().max(500).optional(),
    step: z.string().max(300).optional().describe("With answer, fork."),
    signal: z.string().max(64).optional().describe("What the step waits for."),
    payload: z.unknown().optional(),
    input: z.unknown().optional(),
    config: z.looseObject({}).optional(),
  }),
  output: z.object({
    run_id: z.string(),
    action: z.string(),
    new_run_id: z.string().optional(),
  }),
  async run(context, { run_id: id, action, ...args }) {
    const run = await readOwnRun(context, id);
    if (action === "retry") return retry(context, run);
    if (action === "fork") return fork(context, run, args);
    const stub = runStub(context.services.env, id);
    if (action === "cancel") {
      unwrap(await stub.cancel(args.reason ?? `Cancelled by ${context.actor.name}.`));
      return done(id, action, `Run ${id} is cancelled.`);
    }
    const { step, signal } = args;
    if (step === undefined) {
      throw new InputError("run.answer-what", "answer needs step.", {
        fix: "get_run shows which step waits, and for what.",
      });
    }
    const { kind, name } = context.actor;
    unwrap(await stub.signal(step, signal, args.payload, { kind, name }));
    return done(id, action, `Step "${step}" of ${id} has its answer.`);
  },
});

async function fork(
  context: ToolContext,
  { trace: { id, workspaceId } }: OwnRun,
  { step, input, config }: Omit<Fork, "step"> & { readonly step?: string | undefined },
): Promise<ToolAnswer<Controlled>> {
  if (step === undefined) {
    throw new InputError("run.fork-where", "fork needs step.", {
      fix: "Give the id of a step that get_run shows.",
    });
  }
  const { services, actor } = context;
  const start = { id: createRunId(workspaceId, services.now()), ...startOf(services, actor) };
  const change = { ...start, step, input, config };
  const { id: made } = await forkRun(services.env, id, change);
  return {
    data: { run_id: id, action: "fork", new_run_id: made },
    summary: `Run ${made} goes on from before step "${step}" of ${id}.`,
    next: `get_run ${made} shows the steps.`,
  };
}

function done(id: string, action: string, summary: string): ToolAnswer<Controlled> {
  return { data: { run_id: id, action }, summary, next: `get_run ${id} shows the state.` };
}

async function retry(context: ToolContext, run: OwnRun): Promise<ToolAnswer<Controlled>> {
  const { services } = context;
  const { trace } = run;
  if (trace.status === "running" || trace.status === "waiting") {
    throw new InputError("run.not-ended", `Run ${trace.id} is ${trace.status}.`, {
      fix: "Wait until it ends, or cancel it first.",
      status: 409,
    });
  }
  const document = await findRunDocument(context, run);
  const id = createRunId(trace.workspaceId, services.now());
  await startRun(services.env, {
    id,
    workspaceId: trace.workspaceId,
    name: trace.workflow,
    version: trace.version,
    document,
    trigger: "manual",
    input: trace.input,
    mode: trace.mode,
    ...startOf(services, context.actor),
  });
  return {
    data: { run_id: trace.id, action: "retry", new_run_id: id },
    summary: `Run ${id} does again what ${trace.id} did.`,
    next: `get_run ${id} shows the steps.`,
  };
}
