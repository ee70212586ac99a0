import { runInDurableObject } from "cloudflare:test";
import { env as testEnv } from "cloudflare:workers";
import { workflowSchema } from "#blueprints/blueprint";
import type { Env } from "#edge/env";
import { createId } from "#edge/id";
import type { RunRequest } from "./run-api.ts";

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

/** Every event of a run, as stored. */
export const historyOf = (id: string) =>
  runInDurableObject(env.RUN.get(env.RUN.idFromName(id)), (_, { storage }) =>
    storage.sql
      .exec<{ body: string }>("SELECT body FROM events ORDER BY seq, part")
      .toArray()
      .map(({ body }) => JSON.parse(body) as { type: string; step?: string; frame?: string }),
  );
