import type { AuthAttempt } from "#blueprints/node-context";
import { runInDurableObject } from "cloudflare:test";
import { expect } from "vitest";
import { nodes } from "#edge/nodes/index";
import { LiveRun, type RunPorts } from "./live-run.ts";
import { digestWith } from "./digest.ts";
import type { LinkRequest } from "./links.ts";
import type { ChildRun, Outside } from "./outside.ts";
import { stubOf } from "./run.fixture.ts";
import type { RunRequest } from "./run-api.ts";
import { openShardStore } from "./store.ts";
import { toTrace } from "./trace.ts";

export const minute = 60_000;

export interface Table {
  readonly run: LiveRun;
  now: number;
  /** Nothing more can be stored. */
  isFull: boolean;
  /** Requests that steps sent, the last one last. */
  readonly sent: { url: string; headers: Headers; body: string }[];
  /** Links to pages, by purpose and step, the last one last. */
  readonly links: string[];
  /** Runs that steps started; the test says how they end. */
  readonly started: ChildRun[];
  /** What the workspace refuses, because it happened too often. */
  readonly refused: Set<AuthAttempt>;
  /** What answers the steps' requests. */
  respond: (request: Request) => Response | Promise<Response>;
  /** Turns the clock, lets due timers fire, and waits for what is under way. */
  pass(ms: number): Promise<void>;
  /** The process dies, whatever is under way, and another one reads the run back. */
  die(): void;
  /** The same, and then until what goes on is done. */
  restart(): Promise<void>;
  /** Until steps that are under way are done. */
  settled(): Promise<void>;
  step(id: string): ReturnType<typeof toTrace>["steps"][number] | undefined;
}

/** The table takes what steps send, and makes up the links. */
function createOutside(table: () => Table): Outside {
  const outside = {
    async fetch(asked: Request) {
      const body = await asked.clone().text();
      table().sent.push({ url: asked.url, headers: asked.headers, body });
      return table().respond(asked);
    },
    childId: ({ workflow }: ChildRun) => Promise.resolve(`run_of_${workflow}`),
    startChild: (_: string, child: ChildRun) => {
      table().started.push(child);
      return Promise.resolve();
    },
    digest: (text: string) => digestWith("test", text),
    admitAttempt: (what: AuthAttempt) => Promise.resolve(!table().refused.has(what)),
    createLink({ purpose, step, proof = "" }: LinkRequest) {
      const { links } = table();
      links.push(`https://aerostack.test/go/${purpose}-${step}-${links.length + 1}#${proof}`);
      return Promise.resolve(links.at(-1) ?? "");
    },
  };
  return outside as unknown as Outside;
}

const unheard = { onCommit: () => undefined, onEmit: () => undefined, onIdle: () => undefined };

/** A live run in a real object with the real node types; the test holds the clock and the network. */
export async function playClocked(
  request: RunRequest,
  work: (table: Table) => Promise<void>,
  respond: Table["respond"] = () => Response.json({ ok: true }),
): Promise<void> {
  await runInDurableObject(stubOf(request.id), async (_, { storage }) => {
    const store = openShardStore(storage).of(request.id);
    let lives = 0;
    let run: LiveRun;
    const outside = createOutside(() => table);
    /** A dead process writes nothing more. */
    const ports = (life = ++lives): RunPorts => ({
      nodes,
      store: {
        ...store,
        appendEvents: (events) => {
          if (table.isFull) throw new Error("The disk is full.");
          return life === lives ? store.appendEvents(events) : 0;
        },
      },
      outside: () => outside,
      now: () => table.now,
      random: () => 0,
      isWatched: () => true,
      ...unheard,
    });
    const table: Table = {
      get run() {
        return run;
      },
      now: 1_800_000_000_000,
      isFull: false,
      sent: [],
      links: [],
      started: [],
      refused: new Set(),
      respond,
      async pass(ms) {
        table.now += ms;
        run.fireTimers();
        await table.settled();
      },
      die() {
        const loaded = LiveRun.load(ports());
        if (loaded) run = loaded;
      },
      async restart() {
        table.die();
        await table.settled();
      },
      async settled() {
        await expect.poll(() => run.isBusy).toBe(false);
      },
      step: (id) => toTrace(run.request, run.state).steps.find((one) => one.id === id),
    };
    run = LiveRun.start(request, ports());
    await table.settled();
    await work(table);
  });
}
