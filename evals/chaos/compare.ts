import type { Driver } from "./driver.ts";
import type { Shape } from "./shapes/shape.ts";
import type { Row, Step, Trace } from "./traces.ts";
import type { Kill } from "./victim.ts";
import type { Arrival, Witness } from "./witness.ts";

/** What a chaos run found; every text of `broken` is a promise that did not hold. */
export interface Findings {
  readonly kills: Readonly<Record<Kill, number>>;
  /** Milliseconds from the last kill until all runs were over; undefined: some never were. */
  readonly endedIn: number | undefined;
  readonly counts: readonly (readonly [what: string, count: number])[];
  readonly broken: readonly string[];
}

export interface Evidence {
  readonly driver: Driver;
  readonly witness: Witness;
  readonly shapes: readonly Shape[];
  /** Workspaces. */
  readonly places: number;
  readonly rows: readonly Row[];
  /** By run. */
  readonly traces: ReadonlyMap<string, Trace>;
  /** Runs that a schedule started later than this, in milliseconds since 1970, are not judged. */
  readonly until: number;
  readonly kills: Readonly<Record<Kill, number>>;
  readonly endedIn: number | undefined;
}

interface Look {
  readonly evidence: Evidence;
  readonly shapes: ReadonlyMap<string, Shape>;
  /** By idempotency key. */
  readonly arrivals: ReadonlyMap<string, readonly Arrival[]>;
}

const actsOf = ({ arrivals }: Look, key: string) =>
  (arrivals.get(key) ?? []).filter(({ acted }) => acted);

/** Holds what the product says against what the witness saw. */
export function compare(evidence: Evidence): Findings {
  const { driver, witness, traces, kills, endedIn, until } = evidence;
  const isJudged = (trace: Trace) => Date.parse(trace.started_at) <= until;
  const look: Look = {
    evidence,
    shapes: new Map(evidence.shapes.map((shape) => [shape.name, shape])),
    arrivals: Map.groupBy(witness.arrivals, ({ key }) => key),
  };
  const broken = [
    ...driver.surprises,
    ...(endedIn === undefined ? ["some runs never ended by themselves"] : []),
    ...lost(look),
    ...strangers(look),
    ...[...traces.values()].filter(isJudged).flatMap((trace) => judge(look, trace)),
    ...sightsOf(look),
    ...agents(look),
    ...ticks(look),
  ];
  return { kills, endedIn, counts: countsOf(look), broken };
}

/** Accepted runs without a trace or a row, and rows that contradict their run. */
function lost({ evidence }: Look): string[] {
  const rows = new Map(evidence.rows.map((row) => [row.id, row]));
  const missing = evidence.driver.accepted.flatMap(({ id, shape }) => {
    if (!evidence.traces.has(id)) return [`${shape.name} ${id} was accepted and is lost`];
    return rows.has(id) ? [] : [`${shape.name} ${id} has no row`];
  });
  const wrong = evidence.rows.flatMap((row) => {
    const trace = evidence.traces.get(row.id);
    if (!trace) return [`${row.workflow} ${row.id} has a row and no trace`];
    if (Date.parse(trace.started_at) > evidence.until) return [];
    const agree = row.status === trace.status && row.error === trace.error?.code;
    return agree && row.ended_at === trace.ended_at
      ? []
      : [`${row.workflow} ${row.id} is ${trace.status}, its row says ${row.status}`];
  });
  return [...missing, ...wrong];
}

/** Effects of no run, or of a step that its run does not know. */
function strangers({ evidence, arrivals }: Look): string[] {
  return [...arrivals.keys()].flatMap((key) => {
    const run = key.slice(0, key.indexOf(":"));
    const trace = evidence.traces.get(run);
    const step = key.slice(run.length + 1);
    return trace?.steps.some(({ id }) => id === step) ? [] : [`an effect of nobody: ${key}`];
  });
}

/** What does not hold about one run. */
function judge(look: Look, trace: Trace): string[] {
  const shape = look.shapes.get(trace.workflow);
  if (!shape) return [`${trace.run_id} is of an unknown workflow`];
  const name = `${trace.workflow} ${trace.run_id}`;
  const broken: string[] = [];
  if (!(shape.ends as readonly string[]).includes(trace.status)) {
    broken.push(`${name} is ${trace.status} (${trace.error?.code ?? "no error"})`);
  }
  const { code = "nothing" } = trace.error ?? {};
  if (trace.status === "failed" && !["step.uncertain", ...(shape.errors ?? [])].includes(code)) {
    broken.push(`${name} failed with ${code}`);
  }
  if (trace.status === "succeeded") {
    for (const path of shape.done) {
      const isTakenAsDone = look.evidence.driver.said.get(trace.run_id)?.what === "done";
      if (actsOf(look, `${trace.run_id}:${path}`).length > 0 || isTakenAsDone) continue;
      broken.push(`${name} succeeded, and ${path} never acted`);
    }
  }
  for (const step of trace.steps) broken.push(...judgeStep(look, { trace, shape, name }, step));
  return [...broken, ...undone(look, trace, name), ...handedOn(look, trace, name)];
}

function judgeStep(
  look: Look,
  { trace, shape, name }: { trace: Trace; shape: Shape; name: string },
  step: Step,
): string[] {
  const broken: string[] = [];
  const where = `${name}: ${step.id}`;
  if (
    ["succeeded", "failed", "cancelled"].includes(trace.status) &&
    ["running", "waiting"].includes(step.status)
  ) {
    broken.push(`${where} is ${step.status} in a run that is over`);
  }
  const acting = shape.acting[step.node];
  if (!acting) {
    if (step.error?.code === "step.uncertain" && step.node !== shape.toolsOnce)
      broken.push(`${where} is uncertain without an effect`);
    return broken;
  }
  const key = `${trace.run_id}:${step.id}`;
  const acts = actsOf(look, key);
  const { driver } = look.evidence;
  const said = driver.said.get(trace.run_id)?.what;
  if (acting.effect === "external" && acting.onUncertain !== "retry") {
    const allowed = 1 + (driver.retries.get(trace.run_id) ?? 0);
    if (acts.length > allowed)
      broken.push(`${where} acted ${acts.length} times, ${allowed} allowed`);
  }
  if (step.status === "succeeded" && acts.length === 0 && said !== "done") {
    broken.push(`${where} succeeded and never acted`);
  }
  if (step.status === "succeeded" && step.ended_at !== undefined) {
    const ended = Date.parse(step.ended_at);
    const late = (look.arrivals.get(key) ?? []).filter(({ at }) => at > ended);
    if (late.length > 0) broken.push(`${where} ran again after it had finished`);
  }
  if (step.error?.code === "step.uncertain") {
    const isDeclared = acting.effect === "external" && acting.onUncertain !== "retry";
    if (!isDeclared || (acting.onUncertain === "ask" && said !== "fail")) {
      broken.push(`${where} was given up as uncertain`);
    }
  }
  return broken;
}

/** Clean-up: of steps that had finished, once each, the last one first. */
function undone(look: Look, trace: Trace, name: string): string[] {
  const pairs = { charge: "handler[charge]/refund", book: "handler[book]/unbook" };
  const expected: string[] = [];
  for (const [node, undo] of Object.entries(pairs)) {
    const step = trace.steps.find(({ id }) => id === node);
    if (step?.status === "succeeded") expected.push(undo);
  }
  const isUndoing = expected.length > 0 && ["succeeded", "cancelled"].includes(trace.status);
  if (!isUndoing) return [];
  const first = (path: string) => actsOf(look, `${trace.run_id}:${path}`)[0]?.at ?? Infinity;
  const happened = Object.values(pairs)
    .filter((path) => first(path) < Infinity)
    .toSorted((one, other) => first(one) - first(other));
  return happened.join() === expected.join()
    ? []
    : [`${name} undid ${happened.join() || "nothing"} instead of ${expected.join()}`];
}

/** Answers that were acknowledged count, and what a child ended with is what its step says. */
function handedOn({ evidence }: Look, trace: Trace, name: string): string[] {
  const broken: string[] = [];
  const said = evidence.driver.said.get(trace.run_id);
  const review = trace.steps.find(({ id }) => id === "review");
  if (review && said?.isAcknowledged && trace.status === "succeeded") {
    const { decision } = { ...(review.output as { decision?: string }) };
    if (decision !== said.what)
      broken.push(`${name} was ${said.what} and says ${decision ?? "nothing"}`);
  }
  if (said?.what === "cancel" && said.isAcknowledged && trace.status !== "cancelled") {
    broken.push(`${name} was cancelled and is ${trace.status}`);
  }
  for (const { id, status, output, children = [] } of trace.steps) {
    if (children.length > 1) broken.push(`${name}: ${id} started ${children.length} runs`);
    const child = children[0] && evidence.traces.get(children[0].id);
    if (children[0] && !child) broken.push(`${name}: the run of ${id} is lost`);
    if (status === "succeeded" && JSON.stringify(child?.output) !== JSON.stringify(output)) {
      if (child) broken.push(`${name}: ${id} says something else than its run`);
    }
  }
  return broken;
}

/** What somebody saw finished stays as it was. */
function sightsOf({ evidence }: Look): string[] {
  return evidence.driver.sights.flatMap(({ run, step }) => {
    const now = evidence.traces.get(run)?.steps.find(({ id }) => id === step.id);
    const same =
      now?.ended_at === step.ended_at &&
      JSON.stringify(now?.output) === JSON.stringify(step.output);
    return same ? [] : [`${run}: ${step.id} was seen finished and changed afterwards`];
  });
}

/** No turn is paid for again once the next one was asked for, and no tool acts twice in a turn. */
function agents({ evidence: { witness, driver } }: Look): string[] {
  const broken: string[] = [];
  for (const [nonce, asked] of Map.groupBy(witness.questions, (one) => one.nonce)) {
    const back = asked.some(({ turn }, index) => turn < (asked[index - 1]?.turn ?? 0));
    if (back) broken.push(`the agent of ${nonce} was asked about a finished turn`);
  }
  const once = new Set(
    driver.accepted.filter(({ shape }) => shape.toolsOnce).map(({ nonce }) => nonce),
  );
  for (const [turn, all] of Map.groupBy(witness.recorded, (one) => one)) {
    if (all.length > 1 && once.has(turn.split(" ")[0] ?? ""))
      broken.push(`the tool of ${turn} acted ${all.length} times`);
  }
  return broken;
}

/** A due time starts one run of each schedule. */
function ticks({ evidence }: Look): string[] {
  const due = [...evidence.traces.values()].filter(({ workflow }) => workflow === "ticks");
  const byTime = Map.groupBy(due, ({ input }) => JSON.stringify(input));
  return [...byTime].flatMap(([at, runs]) =>
    runs.length > evidence.places ? [`${at} started ${runs.length} runs`] : [],
  );
}

function countsOf({ evidence, arrivals }: Look): Findings["counts"] {
  const { driver, witness, traces } = evidence;
  const acts = [...arrivals.values()].map((all) => all.filter(({ acted }) => acted).length);
  const steps = [...traces.values()].flatMap((trace) => trace.steps);
  const statuses = Map.groupBy(traces.values(), ({ status }) => status);
  return [
    ["runs accepted", driver.accepted.length],
    ["runs in all, those that others started included", traces.size],
    ...[...statuses].map(([status, all]) => [`ended: ${status}`, all.length] as const),
    ["steps", steps.length],
    ["effects", acts.filter((count) => count > 0).length],
    ["effects that came again under the same key", acts.filter((count) => count > 1).length],
    [
      "steps given up as uncertain",
      steps.filter(({ error }) => error?.code === "step.uncertain").length,
    ],
    ["questions to the model", witness.questions.length],
    ["starts asked for twice", driver.joined],
    ["steps seen finished meanwhile", driver.sights.length],
    ["answers and cancellations", driver.said.size],
  ];
}
