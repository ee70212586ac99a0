import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env as testEnv } from "cloudflare:workers";
import { workflowSchema } from "#blueprints/blueprint";
import type { Env } from "#edge/env";
import { createId } from "#edge/id";
import type { RunRequest } from "./run-api.ts";
import { shardOf } from "./run-id.ts";

export const env = testEnv as unknown as Env;

type Nodes = Record<string, { type: string; config?: object; [field: string]: unknown }>;
type Edges = readonly (readonly [from: string, to: string, port?: string])[];

/** A run of a workflow that was never deployed. */
export function requestOf(
  nodes: Nodes,
  edges: Edges,
  { output, ...fields }: Partial<RunRequest> & { output?: unknown } = {},
): RunRequest {
  return {
    id: createId("run", Date.now()),
    workspaceId: "wks_test",
    name: "test",
    version: 1,
    document: {
      workflow: workflowSchema.parse({
        name: "test",
        nodes: Object.entries(nodes).map(([node, value]) => ({ id: node, ...value })),
        edges: edges.map(([from, to, port]) => ({ from, to, ...(port ? { port } : {}) })),
        ...(output === undefined ? {} : { output }),
      }),
      functions: {},
      egress: [],
      secrets: [],
    },
    trigger: "manual",
    input: {},
    mode: "test",
    ...fields,
  };
}

export const set = (name: string, value: unknown) => ({
  type: "action",
  config: { set: { name, value } },
});

type Stored = { type: string; at: number; step?: string; frame?: string; policy?: string };

export const stubOf = (id: string) => env.RUN.get(env.RUN.idFromName(shardOf(id)));

/** When it is looked at again, by what is on disk. */
export const wakeOf = (id: string): Promise<number | undefined> =>
  runInDurableObject(
    stubOf(id),
    (_, { storage }) =>
      storage.sql.exec<{ at: number }>("SELECT at FROM wakes WHERE run = ?", id).toArray()[0]?.at,
  );

/** Its time to wake comes now. */
export async function wake(id: string): Promise<boolean> {
  await runInDurableObject(stubOf(id), async (_, { storage }) => {
    storage.sql.exec("UPDATE wakes SET at = 0 WHERE run = ?", id);
    await storage.setAlarm(Date.now() + 60_000);
  });
  return runDurableObjectAlarm(stubOf(id));
}

/** Every event of a run, as stored. */
export const historyOf = (id: string): Promise<Stored[]> =>
  runInDurableObject(stubOf(id), (_, { storage }) =>
    storage.sql
      .exec<{ body: string }>(
        "SELECT body FROM history WHERE run = ? AND seq > 0 ORDER BY seq, part",
        id,
      )
      .toArray()
      .flatMap(({ body }) => JSON.parse(body) as Stored | Stored[]),
  );

/** Puts another history in its place; what the object has in memory stays as it is. */
export async function changeHistory(
  id: string,
  change: (events: Stored[]) => readonly object[],
): Promise<void> {
  const events = change(await historyOf(id));
  await runInDurableObject(stubOf(id), async (_, { storage }) => {
    storage.sql.exec("DELETE FROM history WHERE run = ? AND seq > 0", id);
    const body = JSON.stringify(events);
    storage.sql.exec("INSERT INTO history VALUES (?, ?, 0, ?)", id, events.length, body);
    await storage.sync();
  });
}
