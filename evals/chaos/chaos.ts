import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ensureBuild } from "#edge/local/build";
import { randomOf } from "#edge/workflow/random.fixture";
import { compare, type Findings } from "./compare.ts";
import { Driver } from "./driver.ts";
import { makePlaces, type Place } from "./places.ts";
import { shapes as allShapes } from "./shapes/index.ts";
import type { Shape } from "./shapes/shape.ts";
import { readTrace, type Row, type Trace } from "./traces.ts";
import { type Kill, Victim } from "./victim.ts";
import { Witness } from "./witness.ts";

export interface Extent {
  readonly seed: number;
  readonly kills: number;
  readonly runs: number;
  /** With shapes that take a minute. */
  readonly isLong: boolean;
  readonly log?: (line: string) => void;
}

/** Rows of one workspace must fit into one answer of `list`. */
const runsOfPlace = 60;
/** Milliseconds that the server lives between two kills. */
const life = { least: 200, most: 3_000 } as const;
/** Milliseconds that a run of a schedule takes at most. */
const lastTickMs = 5_000;
/** Seconds after the last kill within which all runs must be over. */
const secondsToEnd = 120;

/**
 * Kills the product again and again while runs of all shapes are under way, then leaves it alone until
 * all of them are over, and holds what it says against what the witness saw. The seed decides which
 * runs, which kills and when; how far the machine gets in between it cannot decide.
 */
export async function runChaos(extent: Extent): Promise<Findings> {
  await ensureBuild();
  const folder = await mkdtemp(path.join(tmpdir(), "aerostack-chaos-"));
  const witness = new Witness(randomOf(extent.seed + 1));
  const host = await witness.listen();
  const victim = new Victim(folder, { OPENAI_COMPATIBLE_URL: `http://${host}/v1` });
  const driver = new Driver(victim, randomOf(extent.seed + 2));
  try {
    await victim.start();
    const shapes = allShapes.filter(({ isSlow }) => extent.isLong || !isSlow);
    const count = Math.ceil(extent.runs / runsOfPlace);
    const places = await makePlaces(victim, { count, host, shapes });
    const scene = { extent, victim, driver, witness, places, shapes };
    const kills = await storm(scene);
    const endedIn = await calm(scene);
    const until = Date.now();
    // What schedules have started just before ends too.
    if (extent.isLong) await delay(lastTickMs);
    const { rows, traces } = await readAll(scene);
    const seen = { driver, witness, shapes, rows, traces, places: places.length };
    return compare({ ...seen, kills, endedIn, until });
  } finally {
    await driver.close();
    await victim.stop();
    witness.close();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Scene {
  readonly extent: Extent;
  readonly victim: Victim;
  readonly driver: Driver;
  readonly witness: Witness;
  readonly places: readonly Place[];
  readonly shapes: readonly Shape[];
}

/** Starts the runs in as many portions as there are kills, and kills after each at a random moment. */
async function storm(scene: Scene): Promise<Record<Kill, number>> {
  const { extent, victim } = scene;
  const random = randomOf(extent.seed);
  const kills: Record<Kill, number> = { workerd: 0, group: 0 };
  const starts: Promise<void>[] = [];
  let begun = 0;
  const tending = tendUntil(scene, () => kills.workerd + kills.group === extent.kills);
  for (let kill = 0; kill < extent.kills; kill++) {
    const until = Math.ceil((extent.runs * (kill + 1)) / extent.kills);
    for (; begun < until; begun++) starts.push(startOne(scene, random, begun));
    await delay(life.least + random() * (life.most - life.least));
    const which: Kill = random() < 0.5 ? "workerd" : "group";
    await victim.kill(which);
    kills[which] += 1;
    if ((kill + 1) % 10 === 0) extent.log?.(`${kill + 1} kills, ${begun} runs started`);
  }
  await Promise.all([...starts, tending]);
  return kills;
}

function startOne({ driver, shapes, places }: Scene, random: () => number, index: number) {
  const started = shapes.filter(({ start }) => start === "endpoint" || start === "webhook");
  const total = started.reduce((sum, { share }) => sum + share, 0);
  let left = random() * total;
  const shape = started.find(({ share }) => (left -= share) < 0) ?? started[0]!;
  return driver.start(shape, places[index % places.length]!, `nonce-${index}`);
}

/** People look after what waits, and now and then somebody looks at a run. */
async function tendUntil({ driver, places, extent }: Scene, isDone: () => boolean): Promise<void> {
  const random = randomOf(extent.seed + 3);
  while (!isDone()) {
    const rows = await driver.rows(places);
    if (rows) await driver.tend(rows);
    const seen = driver.accepted[Math.floor(random() * driver.accepted.length)];
    if (seen) await driver.look(seen);
    await delay(500);
  }
}

/** Until every run is over by its row, which wakes none; milliseconds, or undefined: some are not. */
async function calm({ driver, places }: Scene): Promise<number | undefined> {
  const begun = Date.now();
  while (Date.now() - begun < secondsToEnd * 1000) {
    const rows = await driver.rows(places);
    if (rows) {
      await driver.tend(rows);
      if (driver.accepted.every((run) => isOver(run.shape, rows, run.id)))
        return Date.now() - begun;
    }
    await delay(500);
  }
  return undefined;
}

function isOver({ ends }: Shape, rows: readonly Row[], id: string): boolean {
  const status = rows.find((row) => row.id === id)?.status ?? "";
  return ["succeeded", "failed", "cancelled", ...ends].includes(status);
}

/** Every run that has a row, was accepted, was started by another one, or that the witness heard of. */
async function readAll({ driver, victim, witness, places }: Scene) {
  const rows = (await driver.rows(places)) ?? [];
  const traces = new Map<string, Trace>();
  const heard = witness.arrivals.map(({ key }) => ({ id: key.split(":")[0] ?? "" }));
  const wanted = new Set([...rows, ...driver.accepted, ...heard].map(({ id }) => id));
  for (const id of wanted) {
    const trace = await readTrace(victim, id);
    if (!trace) continue;
    traces.set(id, trace);
    for (const step of trace.steps) for (const child of step.children ?? []) wanted.add(child.id);
  }
  return { rows, traces };
}
