import { setTimeout as delay } from "node:timers/promises";
import { waitFor } from "#evals/harness/wait";
import { type Contender, stepsOf } from "./contender.ts";
import type { Witness } from "./witness.ts";

/** How a run came through a SIGKILL in the middle of its third step. */
export interface Recovery {
  /** From the SIGKILL to the next effect that the world saw; NaN: there was none. */
  readonly firstEffectMs: number;
  readonly isWhole: boolean;
  /** Effects of steps that had finished, seen again. */
  readonly repeatedFinished: number;
  /** Effects of the step that was under way, seen again. */
  readonly repeatedInterrupted: number;
}

const heldStep = 3;
/** Milliseconds that the step has been under way when the process dies. */
const intoStepMs = 1_000;
/** Seconds for the rest of the run. */
const patience = 40;

export async function recoverOnce(
  contender: Contender,
  witness: Witness,
  run: string,
): Promise<Recovery> {
  const reached = witness.hold(run, `s${heldStep}`);
  await contender.begin(run);
  await reached;
  await delay(intoStepMs);
  witness.letGo();
  const killedAt = performance.now();
  const back = contender.kill();
  const seen = () => witness.arrivals.filter((one) => one.run === run);
  const last = `s${stepsOf.effects}`;
  const isWhole = await waitFor(() => seen().some(({ step }) => step === last), patience);
  await back;
  const after = seen().filter(({ at }) => at > killedAt);
  const numbers = after.map(({ step }) => Number(step.slice(1)));
  return {
    firstEffectMs: (after[0]?.at ?? Number.NaN) - killedAt,
    isWhole,
    repeatedFinished: numbers.filter((number) => number < heldStep).length,
    repeatedInterrupted: numbers.filter((number) => number === heldStep).length,
  };
}
