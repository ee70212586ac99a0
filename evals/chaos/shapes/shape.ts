import type { BlueprintInput } from "#blueprints/blueprint";

/** How a step acts on the witness, and what a kill in the middle of it leads to. */
export interface Acting {
  readonly effect: "idempotent" | "external";
  readonly onUncertain: "fail" | "retry" | "ask";
}

type Workflow = NonNullable<BlueprintInput["workflows"]>[number];
type Node = Omit<Workflow["nodes"][number], "id">;

/** One kind of workflow, and what is promised about its runs whatever the moment of a kill. */
export interface Shape {
  readonly name: string;
  readonly start: "endpoint" | "webhook" | "schedule" | "workflow";
  readonly workflow: Workflow;
  /** Steps that act, by node. */
  readonly acting: Readonly<Record<string, Acting>>;
  /** Paths of the steps that have acted when a run succeeded. */
  readonly done: readonly string[];
  /** How runs may end; `waiting`: they are left alone. */
  readonly ends: readonly ("succeeded" | "failed" | "cancelled" | "waiting")[];
  /** Node whose tools act outside, once each: a kill in the middle of one leaves its step uncertain. */
  readonly toolsOnce?: string;
  /** Codes of errors that runs may fail with, beside that of an uncertain step. */
  readonly errors?: readonly string[];
  /** What people do about a run that waits. */
  readonly tended?: "decide" | "cancel" | "settle";
  /** Takes a minute. */
  readonly isSlow?: boolean;
  /** Relative number of its runs. */
  readonly share: number;
}

/** Stands for the witness's host until that is known. */
export const witnessHost = "witness.test";

function send(path: string, effect: Acting["effect"], more: Partial<Node> = {}): Node {
  const method = effect === "idempotent" && path !== "/post" ? "PUT" : "POST";
  const config = { method, url: `http://${witnessHost}${path}`, effect };
  return { type: "action", config, ...more };
}

/** Steps that shapes are made of. */
export const steps = {
  send,
  put: send("/put", "idempotent"),
  kept: send("/post", "idempotent"),
  post: send("/post", "external"),
  again: send("/post", "external", { on_uncertain: "retry" }),
  code: {
    type: "code_block",
    config: {
      code: "export default ({ n }: { n: number }) => ({ n: n + 1 });",
      input: { n: "{{ input.n }}" },
    },
  },
  set: (value: unknown): Node => ({ type: "action", config: { set: { name: "n", value } } }),
  loop: (count: number, concurrency: number): Node => ({
    type: "loop",
    config: { items: Array.from({ length: count }, (_, index) => index), concurrency },
  }),
  parallel: (branches: readonly string[], more: object = {}): Node => ({
    type: "parallel",
    config: { branches, ...more },
  }),
  review: (more: object = {}): Node => ({
    type: "human_review",
    config: { title: "Go on?", ...more },
  }),
} as const;

function actingOf({ nodes }: Workflow): Shape["acting"] {
  const acting = nodes.flatMap((node) => {
    const { effect } = { ...node.config } as { effect?: Acting["effect"] };
    if (effect === undefined) return [];
    return [[node.id, { effect, onUncertain: node.on_uncertain ?? "fail" }] as const];
  });
  return Object.fromEntries(acting);
}

/** `one > two`, or `loop:each > one` for another port than the usual one. */
function toEdge(text: string) {
  const [source = "", to = ""] = text.split(" > ");
  const [from = "", port] = source.split(":");
  return { from, to, ...(port === undefined ? {} : { port }) };
}

interface Draft extends Partial<Omit<Shape, "acting" | "workflow" | "name">> {
  readonly nodes: Readonly<Record<string, Node>>;
  /** `one > two`, `loop:each > one`; absent: the nodes in their order. */
  readonly edges?: readonly string[];
}

/** A shape whose runs succeed, unless it says otherwise. */
export function defineShape(name: string, { nodes, edges, ...rest }: Draft): Shape {
  const { start = "endpoint", done = [], ends = ["succeeded"], share = 1, ...more } = rest;
  const ids = Object.keys(nodes);
  const inOrder = ids.map((id, index) => `${ids[index - 1] ?? "start"} > ${id}`);
  const workflow: Workflow = {
    name,
    nodes: [
      { id: "start", type: "trigger", config: { source: start } },
      ...Object.entries(nodes).map(([id, node]) => ({ id, ...node })),
    ],
    edges: (edges ?? inOrder).map(toEdge),
  };
  return { name, start, workflow, acting: actingOf(workflow), done, ends, share, ...more };
}
