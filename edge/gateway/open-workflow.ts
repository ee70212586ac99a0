import { InputError } from "#blueprints/error";
import type { LiveItems } from "./live.ts";
import type { Runs } from "./runs.ts";
import type { Tokens } from "./tokens.ts";
import type { LiveItem, OpenedWorkflow, WorkflowQuery } from "./live-items.ts";

/**
 * Runs of a workspace that may be under way at the same moment. A run counts once it has lasted for
 * ten seconds (`reportMs`); waiting for a signal or a timer does not count.
 */
export const runsAtOnce = 1_000;

interface OpenPlace {
  readonly live: LiveItems;
  readonly tokens: Tokens;
  readonly runs: Runs;
}

/** Another one for every version put, and after the object was evicted. */
const tags = new WeakMap<LiveItem, string>();

function tagOf(item: LiveItem): string {
  const known = tags.get(item);
  if (known !== undefined) return known;
  const tag = crypto.randomUUID();
  tags.set(item, tag);
  return tag;
}

/** All that a start of a run asks the workspace, so that it asks once. */
export function openWorkflow(
  { live, tokens, runs }: OpenPlace,
  { token, known, ...by }: WorkflowQuery,
): OpenedWorkflow {
  const member = token === undefined ? undefined : tokens.authenticate(token);
  const endpoint = "endpoint" in by ? live.get("endpoint", by.endpoint)?.definition : undefined;
  const name = "workflow" in by ? by.workflow : endpoint?.workflow;
  const item = name === undefined ? undefined : live.get("workflow", name);
  const tag = item && tagOf(item);
  return {
    ...(member ? { member } : {}),
    ...(endpoint ? { endpoint } : {}),
    ...(item && tag !== undefined
      ? {
          workflow: {
            version: item.version,
            tag,
            ...(tag === known ? {} : { definition: item.definition }),
          },
        }
      : {}),
    isFull: runs.active >= runsAtOnce,
  };
}

/** What a start is told while the workspace has too many runs under way. */
export function tooManyRuns(): InputError {
  return new InputError(
    "workspace.too-many-runs",
    `The workspace has ${runsAtOnce} runs under way; no more may start now.`,
    { status: 429, retryAfterMs: 10_000, fix: "Wait until some end, or cancel what hangs." },
  );
}
