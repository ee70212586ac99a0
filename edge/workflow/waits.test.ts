import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { workflowSchema } from "#blueprints/blueprint";
import { defineNode } from "#blueprints/node";
import { createId } from "#edge/id";
import { trigger } from "#edge/nodes/trigger";
import { LiveRun, type RunPorts } from "./live-run.ts";
import type { Outside } from "./outside.ts";
import { stubOf } from "./run.fixture.ts";
import type { RunRequest } from "./run-api.ts";
import { openShardStore } from "./store.ts";

const hour = 3_600_000;

/** Asks once, waits an hour for `answer`, and hands on what ended the wait. */
const ask = defineNode({
  type: "ask",
  title: "Ask",
  summary: "Waits for an answer.",
  description: "Waits for an answer.",
  config: z.strictObject({}),
  output: z.unknown(),
  ports: () => ["next"],
  effect: () => "pure",
  examples: [],
  run(context) {
    const { arrival } = context;
    const wait = { signal: "answer", until: context.now() + hour };
    return Promise.resolve(arrival ? { output: arrival } : { wait });
  },
});

const request: Omit<RunRequest, "id"> = {
  workspaceId: "wks_test",
  name: "asks",
  version: 1,
  document: {
    workflow: workflowSchema.parse({
      name: "asks",
      nodes: [
        { id: "start", type: "trigger" },
        { id: "ask", type: "ask" },
      ],
      edges: [{ from: "start", to: "ask" }],
    }),
    functions: {},
    egress: [],
    secrets: [],
  },
  trigger: "manual",
  input: {},
  mode: "test",
};

interface Table {
  run: LiveRun;
  now: number;
  /** Forgets the run in memory and reads it back, as after an eviction. */
  restart(): void;
  /** Until steps that are under way are done. */
  settled(): Promise<void>;
  types(): string[];
}

/** A run in a real object, with a node type that waits and a clock that the test turns. */
async function play(work: (table: Table) => Promise<void>): Promise<void> {
  const id = createId("run", Date.now());
  await runInDurableObject(stubOf(id), async (_, { storage }) => {
    const store = openShardStore(storage).of(id);
    let lives = 0;
    /** A dead process writes nothing more. */
    const ports = (life = ++lives): RunPorts => ({
      nodes: { trigger, ask },
      store: {
        ...store,
        appendEvents: (events) => (life === lives ? store.appendEvents(events) : 0),
      },
      outside: () => ({}) as Outside,
      now: () => table.now,
      random: () => 0,
      isWatched: () => true,
      onCommit: () => undefined,
      onIdle: () => undefined,
      onEmit: () => undefined,
    });
    const table: Table = {
      now: 1_000,
      run: undefined as unknown as LiveRun,
      restart() {
        const loaded = LiveRun.load(ports());
        if (loaded) table.run = loaded;
      },
      async settled() {
        await expect.poll(() => table.run.isBusy).toBe(false);
      },
      types: () => store.readEvents(0).map(({ event }) => event.type),
    };
    table.run = LiveRun.start({ ...request, id }, ports());
    await work(table);
  });
}

const status = ({ run }: Table) => run.state.steps.get("ask")?.status;
const signal = (payload: unknown) => ({ kind: "signal", name: "answer", payload });

describe("a step that waits", () => {
  it("goes on with the signal, also after the object was evicted meanwhile", async () => {
    await play(async (table) => {
      await table.settled();
      expect(status(table)).toBe("waiting");
      table.restart();
      table.run.receive({ step: "ask", name: "answer", payload: 7 });
      await table.settled();
      expect(table.run.state.output).toEqual(signal(7));
      expect(table.types()).not.toContain("run-recovered");
    });
  });

  it("takes a signal that came before it asked", async () => {
    await play(async (table) => {
      table.run.receive({ step: "ask", name: "answer", payload: "early" });
      await table.settled();
      expect(table.run.state.output).toEqual(signal("early"));
    });
  });

  it("counts a signal once, and none after the end", async () => {
    await play(async (table) => {
      await table.settled();
      table.run.receive({ step: "ask", name: "answer", payload: "first" });
      const answer = (payload: unknown) =>
        table.run.receive({ step: "ask", name: "answer", payload });
      const refused = { code: "signal.already-answered", details: { recorded: "first" } };
      expect(() => answer("second")).toThrow(expect.objectContaining(refused));
      expect(answer("first")).toEqual({ status: "duplicate" });
      await table.settled();
      expect(() => answer("late")).toThrow(expect.objectContaining(refused));
      expect(table.run.state.output).toEqual(signal("first"));
      expect(table.types().filter((type) => type === "signal-received")).toHaveLength(1);
    });
  });

  it("goes on at its time when nobody answers, not before, and only once", async () => {
    await play(async (table) => {
      await table.settled();
      table.now += hour - 1;
      table.run.fireTimers();
      expect(status(table)).toBe("waiting");
      table.now += 1;
      table.restart();
      table.run.fireTimers();
      await table.settled();
      expect(table.run.state.output).toEqual({ kind: "timeout" });
      table.run.fireTimers();
      const late = { step: "ask", name: "answer", payload: "late" };
      expect(() => table.run.receive(late)).toThrow(
        expect.objectContaining({ code: "signal.expired", status: 410 }),
      );
      expect(table.types().filter((type) => type === "timer-fired")).toHaveLength(1);
      expect(table.types()).not.toContain("signal-received");
    });
  });

  it("keeps the answer when the object dies before it was handed on", async () => {
    await play(async (table) => {
      await table.settled();
      table.run.receive({ step: "ask", name: "answer", payload: "kept" });
      table.restart();
      await table.settled();
      expect(table.run.state.output).toEqual(signal("kept"));
    });
  });
});
