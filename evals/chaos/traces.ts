import type { McpSession } from "../harness/client.ts";
import type { Place } from "./places.ts";
import type { Victim } from "./victim.ts";

/** A run's row in the list of its workspace. */
export interface Row {
  readonly id: string;
  readonly workflow: string;
  readonly status: string;
  readonly trigger: string;
  readonly ended_at?: string;
  readonly error?: string;
}

export interface Step {
  readonly id: string;
  readonly node: string;
  readonly status: string;
  readonly ended_at?: string;
  readonly output?: unknown;
  readonly error?: { readonly code: string };
  readonly children?: readonly { readonly id: string }[];
}

/** What `GET /runs/:id` answers, as far as it is looked at. */
export interface Trace {
  readonly run_id: string;
  readonly workflow: string;
  readonly status: string;
  readonly started_at: string;
  readonly ended_at?: string;
  readonly input: unknown;
  readonly output?: unknown;
  readonly error?: { readonly code: string; readonly step?: string };
  readonly steps: readonly Step[];
}

/** A page of `list`, at most. */
const rowsAtOnce = 200;

/** The newest runs of a workspace; reading them wakes no run. */
export async function rowsOf(agent: McpSession, { slug }: Place): Promise<Row[]> {
  const listed = await agent.must("list", { kind: "run", workspace: slug, limit: rowsAtOnce });
  return listed["items"] as Row[];
}

/** Undefined: there is no such run, or nobody answered. */
export async function readTrace(victim: Victim, id: string): Promise<Trace | undefined> {
  const response = await fetch(`${victim.url}/runs/${id}`, {
    headers: { authorization: `Bearer ${victim.accountKey}` },
    signal: AbortSignal.timeout(20_000),
  });
  const text = await response.text();
  return response.ok ? (JSON.parse(text) as Trace) : undefined;
}
