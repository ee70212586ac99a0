import { describe, expect, it } from "vitest";
import { nodes } from "#edge/nodes/index";
import { minute } from "./clocked.fixture.ts";
import { LiveRun, type RunPorts } from "./live-run.ts";
import type { Outside } from "./outside.ts";
import { requestOf } from "./run.fixture.ts";
import type { RunRequest } from "./run-api.ts";
import type { RunStore, StoredEvent } from "./store.ts";

/**
 * Steps that wait in their middle, played with the real nodes and one death at every moment there is:
 * before and after each write, and before and after each request that leaves. Between any two parts of
 * such a step one of these lies.
 */

/** What people and other runs say, as soon as the step asks for it. */
type Say = (asked: string, seen: readonly string[]) => unknown;

interface Scene {
  readonly request: RunRequest;
  readonly say: Say;
  /** Milliseconds that pass at each wait before it is answered. */
  readonly idle?: number;
}

interface Played {
  readonly run: LiveRun;
  readonly events: readonly StoredEvent[];
  /** Requests as the world saw them, without what is drawn by lot. */
  readonly seen: readonly string[];
  readonly moments: number;
  readonly died: boolean;
}

const maria = { kind: "member", member: "maria", role: "developer" } as const;

/** Plays to the end; the process dies at this moment, and another one goes on. */
async function play({ request, say, idle = 0 }: Scene, deathAt: number): Promise<Played> {
  const events: StoredEvent[] = [];
  const seen: string[] = [];
  let stored: RunRequest | undefined;
  let written: RunRequest | undefined;
  let [lives, moments, now] = [1, 0, 1_800_000_000_000];
  const moment = () => {
    if (++moments === deathAt) lives += 1;
  };

  const portsOf = (life: number): RunPorts => {
    const isDead = () => life !== lives;
    const store: RunStore = {
      readRequest: () => stored,
      // Both are one transaction.
      writeRequest: (wanted) => void (isDead() || (written = wanted)),
      readEvents: () => structuredClone(events),
      appendEvents(added) {
        if (isDead()) return 0;
        moment();
        if (isDead()) return 0;
        stored = written;
        events.push(...(structuredClone(added) as StoredEvent[]));
        moment();
        return 1;
      },
      bytes: () => 0,
    };
    /** Reaches the world, unless the process is dead before; its answer is lost, where it is after. */
    const reach = async <T>(what: string, answer: () => T): Promise<T> => {
      await Promise.resolve();
      if (!isDead()) moment();
      if (isDead()) throw new Error("dead");
      seen.push(what);
      moment();
      if (isDead()) throw new Error("dead");
      return answer();
    };
    const usage = { model: "m:m", inputTokens: 1, outputTokens: 1, durationMs: 1 };
    const outside: Partial<Outside> = {
      fetch: async (sent) => reach(await sent.text(), () => Response.json({ ok: true })),
      callModel({ messages }, { onUsage }) {
        const turn = messages.filter(({ role }) => role === "assistant").length + 1;
        return reach(`turn ${turn}`, () => {
          onUsage(usage);
          const call = { id: `c${turn}`, name: "note", input: { n: turn } };
          const isLast = turn === 3;
          const said = { text: isLast ? "done" : "", toolCalls: isLast ? [] : [call] };
          return { ...said, finish: isLast ? "stop" : "tool-calls", usage };
        });
      },
      callFunction: (_, input) =>
        reach(`note ${JSON.stringify(input)}`, () => ({
          ok: true,
          output: "noted",
          logs: [],
          outsideCalls: [],
          durationMs: 1,
        })),
      createLink: ({ purpose }) => reach(`link ${purpose}`, () => `https://x.test/${purpose}`),
      digest: (text) => Promise.resolve(`digest of ${text}`),
      admitAttempt: (what) => reach(`count ${what}`, () => true),
      childId: ({ workflow }) => Promise.resolve(`run_of_${workflow}`),
      startChild: (id) => reach(`start ${id}`, () => undefined),
    };
    return {
      nodes,
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

  let life = lives;
  let run = LiveRun.start(request, portsOf(life));
  let waited = "";
  const goesOn = () => life === lives && run.isBusy;
  for (let turn = 0; turn < 200 && !(run.ended && life === lives); turn += 1) {
    if (life !== lives) {
      life = lives;
      run = LiveRun.load(portsOf(life)) ?? LiveRun.start(request, portsOf(life));
      // The alarm that was due meanwhile.
      run.fireTimers();
    }
    for (let wait = 0; wait < 500 && goesOn(); wait += 1)
      await new Promise((resolve) => setTimeout(resolve, 0));
    if (run.isBusy || run.ended || life !== lives) continue;
    const step = [...run.state.active.values()].find(({ status }) => status === "waiting");
    const { signal = "", child } = { ...step?.wait };
    if (signal !== "" && waited === signal) {
      const name = child === undefined ? {} : { name: signal };
      const by = child === undefined ? maria : undefined;
      run.receive({ step: step?.path ?? "", ...name, payload: say(signal, seen), by });
    } else {
      waited = signal;
      now = signal === "" ? (run.nextTimer ?? now) : now + idle;
      run.fireTimers();
    }
  }
  run.flush();
  return { run, events, seen, moments, died: lives > 1 };
}

const start = { type: "trigger" };
const after = { type: "action", config: { set: { name: "at_the_end", value: true } } };
const sceneOf = (type: string, config: object, port: string, say: Say): Scene => ({
  request: requestOf(
    { start, step: { type, config }, after },
    [
      ["start", "step"],
      ["step", "after", port],
    ],
    { mode: "live" },
  ),
  say,
});

const hook = (text: string) => ({ channel: "webhook", webhook: "HOOK", text });

const codesIn = (seen: readonly string[]) =>
  seen.flatMap((one) => /"code":"(\d+)"/.exec(one)?.[1] ?? []);

const note = {
  description: "Notes.",
  input: { type: "object", properties: { n: { type: "number" } }, required: ["n"] },
  output: {},
  effect: "idempotent" as const,
  code: { main: "", modules: {} },
  egress: [],
  secrets: [],
};

const agentScene = (): Scene => {
  const config = {
    model: "m:m",
    goal: "x",
    functions: ["note"],
    limits: { turns: 1 },
    on_limit: "escalate",
  };
  const scene = sceneOf("agent_loop", config, "done", () => ({ decision: "continue" }));
  const document = { ...scene.request.document, functions: { note } };
  return { ...scene, request: { ...scene.request, document } as unknown as RunRequest };
};

const scenes: Record<string, () => Scene> = {
  "a review between its messages, a reminder and the decision": () => {
    const config = {
      title: "Pay?",
      notify: [hook("First:"), hook("Second:")],
      remind_after_minutes: 5,
      timeout_minutes: 60,
    };
    return {
      ...sceneOf("human_review", config, "approved", () => ({ decision: "approved" })),
      idle: 6 * minute,
    };
  },
  "a gate between its code, a wrong answer, another code and the right one": () =>
    sceneOf(
      "auth_gate",
      {
        to: "ada@example.com",
        service: "Acme",
        deliver: { provider: "http", url: "https://deliver.test/send" },
        resend_after_seconds: 10,
      },
      "verified",
      (asked, seen) => {
        if (asked === "answer") return { code: "000" };
        return asked === "answer_2" ? { resend: true } : { code: codesIn(seen).at(-1) };
      },
    ),
  "an agent that asks a person after its first and its second turn": agentScene,
  "a workflow that another workflow waits for": () =>
    sceneOf("call_function", { workflow: "inner" }, "next", () => ({
      id: "run_of_inner",
      status: "succeeded",
      output: { paid: true },
    })),
};

const plain = (one: string) => one.replaceAll(/\d{6}/g, "code");
/** Names of the parts of the step that began, as often as they did. */
const begun = (events: readonly StoredEvent[]) =>
  events.flatMap(({ event }) => (event.type === "substep-started" ? [event.name] : []));

describe("a death at any moment of", () => {
  it.each(Object.keys(scenes))("%s repeats nothing that was finished", async (name) => {
    const scene = () => scenes[name]!();
    const calm = await play(scene(), 0);
    expect(calm.run.state.status).toBe("succeeded");
    expect(calm.run.state.steps.get("after")?.status).toBe("succeeded");
    const parts = calm.seen.map(plain);
    for (let deathAt = 1; deathAt <= calm.moments; deathAt += 1) {
      const { run, events, seen, died } = await play(scene(), deathAt);
      const where = `${name}, moment ${deathAt} of ${calm.moments}`;
      expect(died, where).toBe(true);
      expect(run.state.status, where).toBe("succeeded");
      const finished = new Set<string>();
      for (const { event } of events) {
        if (event.type === "substep-started")
          expect(finished.has(event.name), `${where}: ${event.name} again`).toBe(false);
        if (event.type === "substep-succeeded") finished.add(event.name);
      }
      // All that came comes, in this order; only what was under way at the death may come again.
      expect([...new Set(seen.map(plain))], where).toEqual([...new Set(parts)]);
      expect(seen.length - parts.length, where).toBeLessThanOrEqual(2);
      expect(new Set(begun(events)), where).toEqual(new Set(begun(calm.events)));
    }
  });
});
