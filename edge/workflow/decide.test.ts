import * as fc from "fast-check";
import { expect, it } from "vitest";
import { type Workflow, workflowSchema } from "#blueprints/blueprint";
import { decide, nextTimer } from "./decide.ts";
import { applyEvent } from "./fold.ts";
import { nodes } from "#edge/nodes/index";
import type { Program } from "./expression-scope.ts";
import { createGraph } from "./graph.ts";
import type { RunEvent } from "./history.ts";
import { createState, hasEnded, type RunState } from "./run-state.ts";
import { runLimits } from "./limits.ts";
import { recover } from "./recover.ts";
import { retryDelay } from "./retry.ts";

const report = { logs: [], effects: [] };
const ports = ["next", "other"];

/** Any workflow without a circle: edges lead from earlier to later nodes only. */
const workflows: fc.Arbitrary<Workflow> = fc
  .integer({ min: 2, max: 8 })
  .chain((size) => {
    const index = fc.nat({ max: size - 1 });
    const edge = fc
      .tuple(index, index, fc.constantFrom(...ports))
      .filter(([from, to]) => from < to);
    return fc.tuple(fc.constant(size), fc.array(edge, { maxLength: 14 }));
  })
  .map(([size, edges]) =>
    workflowSchema.parse({
      name: "any",
      nodes: Array.from({ length: size }, (_, id) => ({ id: `n${id}`, type: "trigger" })),
      edges: edges.map(([from, to, port]) => ({ from: `n${from}`, to: `n${to}`, port })),
    }),
  );

/** As the engine pins it to a run. */
function programOf(workflow: Workflow): Program {
  const document = { workflow, functions: {}, egress: [], secrets: [] };
  return {
    graph: createGraph(workflow, nodes),
    run: {
      id: "run_x",
      workspaceId: "wks_x",
      name: "any",
      version: 1,
      document,
      trigger: "manual",
      input: {},
      mode: "live",
    },
  };
}

interface World {
  readonly graph: Program;
  readonly history: RunEvent[];
  state: RunState;
  /** Draws the next random number below `n`. */
  pick(n: number): number;
  now: number;
}

function record(world: World, event: RunEvent): void {
  world.history.push(event);
  applyEvent(world.state, event);
}

function obey(world: World): boolean {
  const at = world.now;
  const commands = decide(world.state, world.graph, at);
  for (const command of commands) {
    if (command.kind === "succeed-run") record(world, { type: "run-succeeded", at, output: null });
    else if (command.kind === "fail-run")
      record(world, { type: "run-failed", at, error: command.error });
    else if (command.kind === "start-step") {
      const effect = (["pure", "idempotent", "external"] as const)[world.pick(3)] ?? "pure";
      const { step, attempt } = command;
      record(world, { type: "step-started", at, step, attempt, effect, input: null });
    }
  }
  return commands.length > 0;
}

/** Something happens to one step that is under way, or to the process. */
function happen(world: World): boolean {
  const running = [...world.state.steps.values()].filter(({ status }) => status === "running");
  const step = running[world.pick(running.length || 1)]?.path;
  const at = world.now;
  if (step === undefined) return false;
  const luck = world.pick(10);
  if (luck < 7) {
    const port = ports[world.pick(2)] ?? "next";
    record(world, {
      type: "step-succeeded",
      at,
      step,
      port,
      output: null,
      variables: {},
      ...report,
    });
  } else if (luck === 7) {
    const error = { kind: "upstream", code: "x", message: "x", status: 502 } as const;
    record(world, { type: "step-failed", at, step, error, until: at + 5, ...report });
  } else {
    for (const event of recover(world.state, world.graph, at)) record(world, event);
  }
  return true;
}

function fireTimers(world: World): boolean {
  const until = nextTimer(world.state, world.graph, world.now);
  const retrying = [...world.state.steps.values()].filter(({ status }) => status === "retrying");
  if (retrying.length === 0 || until === undefined) return false;
  world.now = until;
  for (const { path: id, wait } of retrying) {
    if ((wait?.until ?? 0) <= until) record(world, { type: "timer-fired", at: until, step: id });
  }
  return true;
}

function play(workflow: Workflow, seeds: readonly number[]): World {
  let draw = 0;
  const world: World = {
    graph: programOf(workflow),
    history: [],
    state: createState(),
    pick: (n) => (seeds[draw++ % seeds.length] ?? 0) % n,
    now: 1,
  };
  record(world, { type: "run-started", at: 1 });
  for (let turn = 0; turn < 400 && !hasEnded(world.state); turn += 1) {
    if (!obey(world) && !happen(world) && !fireTimers(world)) break;
  }
  return world;
}

const seeds = fc.array(fc.nat({ max: 1000 }), { minLength: 20, maxLength: 60 });

it("every run ends, whatever fails, is retried or dies on the way", () => {
  fc.assert(
    fc.property(workflows, seeds, (workflow, drawn) => {
      fc.pre(drawn.some((one) => one % 10 < 7));
      const world = play(workflow, drawn);
      const open = [...world.state.steps.values()].map(({ status }) => status);
      // A world whose luck never lets a step succeed retries until the step limit or the turns end.
      if (world.history.length < 300) expect(hasEnded(world.state), open.join()).toBe(true);
    }),
  );
});

it("a finished step never starts again", () => {
  fc.assert(
    fc.property(workflows, seeds, (workflow, drawn) => {
      const finished = new Set<string>();
      for (const event of play(workflow, drawn).history) {
        if (event.type === "step-succeeded") finished.add(event.step);
        if (event.type === "step-started") expect(finished.has(event.step)).toBe(false);
      }
    }),
  );
});

it("a step starts only when no way into it is open, and one was taken", () => {
  fc.assert(
    fc.property(workflows, seeds, (workflow, drawn) => {
      const taken = new Map<string, string>();
      for (const event of play(workflow, drawn).history) {
        if (event.type === "step-succeeded") taken.set(event.step, event.port);
        if (event.type !== "step-started") continue;
        const incoming = workflow.edges.filter(({ to }) => to === event.step);
        const arrived = incoming.filter(({ from, port }) => taken.get(from) === port);
        expect(incoming.length === 0 || arrived.length > 0).toBe(true);
      }
    }),
  );
});

it("a history read back leads to the same state and the same next commands", () => {
  fc.assert(
    fc.property(workflows, seeds, fc.nat(), (workflow, drawn, cut) => {
      const { history, graph } = play(workflow, drawn);
      const [live, again] = [createState(), createState()];
      const some = history.slice(0, 1 + (cut % history.length));
      for (const event of some) applyEvent(live, event);
      for (const event of structuredClone(some)) applyEvent(again, event);
      expect(again).toEqual(live);
      expect(decide(again, graph, 1)).toEqual(decide(live, graph, 1));
    }),
  );
});

it("an uncertain external step is never started again by itself", () => {
  fc.assert(
    fc.property(workflows, seeds, (workflow, drawn) => {
      const interrupted = new Set<string>();
      for (const event of play(workflow, drawn).history) {
        if (event.type === "step-interrupted" && event.policy === "fail")
          interrupted.add(event.step);
        if (event.type === "step-started") expect(interrupted.has(event.step)).toBe(false);
      }
    }),
  );
});

it("more than the allowed number of steps ends the run", () => {
  const graph = programOf(
    workflowSchema.parse({ name: "one", nodes: [{ id: "a", type: "trigger" }] }),
  );
  const state = createState();
  applyEvent(state, { type: "run-started", at: 0 });
  state.starts = runLimits.steps;
  expect(decide(state, graph, 1)).toMatchObject([{ error: { code: "run.too-many-steps" } }]);
});

const failed = (attempt: number, retryAfterMs?: number) => ({
  attempt,
  effect: "read" as const,
  error: {
    kind: "upstream" as const,
    code: "x",
    message: "",
    status: 502,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  },
});

it("waits longer after each failure, with jitter, and never less than Retry-After", () => {
  const policy = { attempts: 4, delay_ms: 1000, factor: 2, max_delay_ms: 3000 };
  const delays = (random: number) =>
    [1, 2, 3, 4].map((n) => retryDelay(failed(n, 0), policy, () => random));
  expect(delays(0)).toEqual([500, 1000, 1500, undefined]);
  expect(delays(1)).toEqual([1000, 2000, 3000, undefined]);
  expect(retryDelay(failed(1, 9000), policy, () => 0)).toBe(9000);
  expect(retryDelay(failed(1), policy, () => 0)).toBeUndefined();
});
