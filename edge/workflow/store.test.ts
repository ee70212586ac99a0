import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { startRun } from "#edge/workflow/start";
import type { RunEvent } from "./history.ts";
import { env, requestOf, set, stubOf } from "./run.fixture.ts";
import { openShardStore } from "./store.ts";

const request = () =>
  requestOf({ start: { type: "trigger" }, one: set("one", 1) }, [["start", "one"]]);
const inObject = <T>(id: string, work: (storage: DurableObjectStorage) => T) =>
  runInDurableObject(stubOf(id), (_, { storage }) => work(storage));

const at = 1_800_000_000_000;
const report = { variables: {}, logs: [], effects: [] };
const history: RunEvent[] = [
  { type: "run-started", at },
  { type: "step-started", at, step: "start", attempt: 1, effect: "pure", input: {} },
  {
    type: "step-succeeded",
    at,
    step: "start",
    output: "x".repeat(700_000),
    port: "next",
    ...report,
  },
  { type: "run-succeeded", at, output: "done" },
];

it("gives back what became durable together event by event, from any number on", async () => {
  const run = request();
  await inObject(run.id, (storage) => {
    const store = openShardStore(storage).of(run.id);
    expect(store.readRequest()).toBeUndefined();
    store.writeRequest(run);
    const numbered = history.map((event, index) => ({ seq: index + 1, event }));
    const bytes = [numbered.slice(0, 1), numbered.slice(1, 4)].map((events) =>
      store.appendEvents(events),
    );
    const again = openShardStore(storage).of(run.id);
    expect(again.readRequest()).toEqual(run);
    expect(again.readEvents(0)).toEqual(numbered);
    expect(again.readEvents(2)).toEqual(numbered.slice(2));
    expect(again.readEvents(4)).toEqual([]);
    expect(again.bytes()).toBe(bytes.reduce((sum, one) => sum + one, 0));
  });
});

it("reads a run that was stored with a row for each event, and a table for its request", async () => {
  const run = request();
  await inObject(run.id, ({ sql }) => {
    sql.exec(`CREATE TABLE migrations (id TEXT PRIMARY KEY) WITHOUT ROWID;
      CREATE TABLE request (part INTEGER PRIMARY KEY, body TEXT NOT NULL);
      CREATE TABLE events (seq INTEGER NOT NULL, part INTEGER NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (seq, part)) WITHOUT ROWID`);
    const text = JSON.stringify(run);
    sql.exec("INSERT INTO request VALUES (0, ?), (1, ?)", text.slice(0, 50), text.slice(50));
    history.forEach((event, index) => {
      sql.exec("INSERT INTO events VALUES (?, 0, ?)", index + 1, JSON.stringify(event));
    });
  });
  await inObject(run.id, (storage) => {
    const store = openShardStore(storage).of(run.id);
    expect(store.readRequest()).toEqual(run);
    expect(store.readEvents(1).map(({ seq, event }) => [seq, event.type])).toEqual([
      [2, "step-started"],
      [3, "step-succeeded"],
      [4, "run-succeeded"],
    ]);
  });
});

it("pins to each run the document of its own version, whatever runs share an isolate", async () => {
  const runs = [
    request(),
    { ...request(), input: { n: 2 } },
    requestOf({ start: { type: "trigger" }, one: set("one", 2) }, [["start", "one"]]),
  ];
  for (const run of runs) await startRun(env, run);
  const stored = await Promise.all(
    runs.map(({ id }) => inObject(id, (storage) => openShardStore(storage).of(id).readRequest())),
  );
  expect(stored).toMatchObject(runs);
});
