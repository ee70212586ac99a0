import { expect, it } from "vitest";
import { z } from "zod";
import { workflowSchema } from "#blueprints/blueprint";
import { defineNode } from "#blueprints/node";
import type { NodeContext } from "#blueprints/node-context";
import { nodes } from "#edge/nodes/index";
import { LiveRun, type RunPorts } from "./live-run.ts";
import type { Outside } from "./outside.ts";
import { randomOf } from "./random.fixture.ts";
import type { RunRequest } from "./run-api.ts";
import type { RunStore, StoredEvent } from "./store.ts";

/** Lives of the test; a failure names its seed, which plays the same again. */
const seeds = 2_000;

const effects = ["pure", "read", "idempotent", "external"] as const;
const prose = { title: "T", summary: "T.", description: "T", output: z.unknown(), examples: [] };
const call = (context: NodeContext) =>
  context.callTool("witness", { key: context.step.idempotencyKey });

/** Acts on the world once. */
const act = defineNode({
  ...prose,
  type: "act",
  config: z.strictObject({ effect: z.enum(effects) }),
  ports: () => ["next"],
  effect: ({ effect }) => effect,
  async run(context, { effect }) {
    if (effect !== "pure") await call(context);
    return { output: context.step.path };
  },
});

/** Acts in recorded sub-steps, some at once. */
const agent = defineNode({
  ...prose,
  type: "agent",
  config: z.strictObject({ turns: z.int() }),
  ports: () => ["next"],
  effect: () => "pure",
  async run(context, { turns }) {
    for (let turn = 0; turn < turns; turn += 1) {
      await context.substep(`turn-${turn}`, { effect: "read" }, call);
      const tools = (["idempotent", "external"] as const).map((effect) =>
        context
          .substep(`turn-${turn}/${effect}`, { effect, onUncertain: "throw" }, call)
          .catch(() => "unknown"),
      );
      await Promise.all(tools);
    }
    return { output: turns };
  },
});

/** A chain with a loop, branches, an agent and clean-up, of effects that the seed picks. */
function requestFor(random: () => number): RunRequest {
  const pick = () => effects[Math.floor(random() * effects.length)] ?? "pure";
  const acts = (id: string) => ({ id, type: "act", config: { effect: pick() } });
  const many = Math.floor(random() * 4);
  const workflow = workflowSchema.parse({
    name: "any",
    nodes: [
      { id: "start", type: "trigger" },
      acts("first"),
      {
        id: "each",
        type: "loop",
        config: {
          items: Array.from({ length: many }, (_, n) => n),
          concurrency: 1 + Math.floor(random() * 3),
        },
      },
      acts("inner"),
      acts("then"),
      { id: "fan", type: "parallel", config: { branches: ["a", "b"], on_error: "collect" } },
      acts("left"),
      { id: "right", type: "agent", config: { turns: 1 + Math.floor(random() * 2) } },
      acts("last"),
      {
        id: "handler",
        type: "error_handler",
        config: {
          covers: ["first", "each", "fan"],
          cases: [{ port: "caught", codes: ["step.*"] }],
          undo: { first: "undo" },
        },
      },
      acts("undo"),
      acts("after"),
    ],
    edges: [
      { from: "start", to: "first" },
      { from: "first", to: "each" },
      { from: "each", port: "each", to: "inner" },
      { from: "inner", to: "then" },
      { from: "each", port: "done", to: "fan" },
      { from: "fan", port: "a", to: "left" },
      { from: "fan", port: "b", to: "right" },
      { from: "fan", port: "joined", to: "last" },
      { from: "handler", port: "caught", to: "after" },
    ],
  });
  const document = { workflow, functions: {}, egress: [], secrets: [] };
  return {
    id: "run_x",
    workspaceId: "wks_x",
    name: "any",
    version: 1,
    document,
    trigger: "manual",
    input: {},
    mode: "live",
  };
}

interface Played {
  readonly run: LiveRun;
  readonly events: readonly StoredEvent[];
  /** Keys as the witness saw them, in order. */
  readonly seen: readonly string[];
  readonly lives: number;
}

/** Plays a run whose process dies, as the seed says, before or after what reaches the witness. */
async function play(seed: number): Promise<Played> {
  const random = randomOf(seed);
  const request = requestFor(random);
  const events: StoredEvent[] = [];
  const seen: string[] = [];
  let stored: RunRequest | undefined;
  let lives = 1;
  let now = 1;
  const died = () => random() < 0.12;

  const portsOf = (life: number): RunPorts => {
    const isDead = () => life !== lives;
    const store: RunStore = {
      readRequest: () => stored,
      writeRequest: (written) => void (isDead() || (stored = written)),
      readEvents: () => structuredClone(events),
      appendEvents: (added) =>
        isDead() ? 0 : events.push(...(structuredClone(added) as StoredEvent[])),
      bytes: () => 0,
    };
    const outside: Partial<Outside> = {
      async callTool(_, __, key) {
        await Promise.resolve();
        if (!isDead() && died()) lives += 1;
        if (isDead()) throw new Error("dead");
        seen.push(key);
        await Promise.resolve();
        if (died()) lives += 1;
        if (isDead()) throw new Error("dead");
        return { content: [] };
      },
    };
    return {
      nodes: { ...nodes, act, agent },
      store,
      outside: () => outside as Outside,
      now: () => now,
      random: () => 0,
      isWatched: () => false,
      onCommit: () => undefined,
      onIdle: () => undefined,
      onEmit: () => undefined,
    };
  };

  let run = LiveRun.start(request, portsOf(lives));
  let life = lives;
  const goesOn = () => life === lives && run.isBusy;
  for (let turn = 0; turn < 400 && !(run.ended && life === lives); turn += 1) {
    if (life !== lives) {
      life = lives;
      // Nothing of the run may have reached the disk: whoever asked starts it again.
      run = LiveRun.load(portsOf(life)) ?? LiveRun.start(request, portsOf(life));
    }
    for (let wait = 0; wait < 60 && goesOn(); wait += 1) await Promise.resolve();
    if (run.isBusy || run.ended || life !== lives) continue;
    now = Math.max(now, run.nextTimer ?? now);
    run.fireTimers();
  }
  run.flush();
  return { run, events, seen, lives };
}

const nameOf = (event: object) => {
  const { step = "", name = "" } = event as { step?: string; name?: string };
  return name === "" ? step : `${step}/${name}`;
};

it("whatever the moment of death: runs end, nothing finished runs again, effects come once", async () => {
  let deaths = 0;
  for (let seed = 1; seed <= seeds; seed += 1) {
    const { run, events, seen, lives } = await play(seed);
    deaths += lives - 1;
    expect(run.ended, `seed ${seed} ends`).toBe(true);
    const finished = new Set<string>();
    const external = new Set<string>();
    for (const { event } of events) {
      const { type } = event;
      if (type === "step-started" || type === "substep-started") {
        expect(finished.has(nameOf(event)), `seed ${seed}: ${nameOf(event)} again`).toBe(false);
        if (event.effect === "external") external.add(`run_x:${nameOf(event)}`);
      }
      if (type === "step-succeeded" || type === "substep-succeeded") finished.add(nameOf(event));
    }
    for (const key of external) {
      const times = seen.filter((one) => one === key).length;
      expect(times, `seed ${seed}: ${key}`).toBeLessThanOrEqual(1);
    }
    // What the history says was done has reached the witness.
    for (const { event } of events) {
      if (event.type !== "substep-succeeded") continue;
      expect(seen, `seed ${seed}`).toContain(`run_x:${nameOf(event)}`);
    }
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  }
  expect(deaths).toBeGreaterThan(seeds / 2);
}, 60_000);
