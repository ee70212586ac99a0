import { setTimeout as delay } from "node:timers/promises";
import { waitFor } from "#evals/harness/wait";
import { type Contender, stepsOf } from "./contender.ts";
import type { Witness } from "./witness.ts";

/** How a run came through a SIGKILL in the middle of its third step. */
export interface Recovery {
  /** From the SIGKILL to the next effect that the world saw; NaN: there was none. */
  readonly firstEffectMs: number;
  /** From the SIGKILL until it answers again. */
  readonly backMs: number;
  readonly isWhole: boolean;
  /** Effects of steps that had finished, seen again. */
  readonly repeatedFinished: number;
  /** Effects of the step that was under way, seen again. */
  readonly repeatedInterrupted: number;
}

const heldStep = 3;
/** Milliseconds that the step has been under way when the process dies, by round. */
const intoStepMs = [300, 700, 1_100];
export const kills = intoStepMs.length;
/** Seconds for the rest of the run. */
const patience = 40;

/** `round`: 0 to `kills` - 1. */
export async function recoverOnce(
  contender: Contender,
  witness: Witness,
  round: number,
): Promise<Recovery> {
  const run = `${contender.what.replaceAll(/\W+/g, "-")}-${round}`;
  const reached = witness.hold(run, `s${heldStep}`);
  await contender.begin(run);
  await reached;
  await delay(intoStepMs[round]);
  witness.letGo();
  const killedAt = performance.now();
  const back = contender.kill().then(() => performance.now() - killedAt);
  const seen = () => witness.arrivals.filter((one) => one.run === run);
  const last = `s${stepsOf.effects}`;
  const isWhole = await waitFor(() => seen().some(({ step }) => step === last), patience);
  const backMs = await back;
  const after = seen().filter(({ at }) => at > killedAt);
  const numbers = after.map(({ step }) => Number(step.slice(1)));
  return {
    firstEffectMs: (after[0]?.at ?? Number.NaN) - killedAt,
    backMs,
    isWhole,
    repeatedFinished: numbers.filter((number) => number < heldStep).length,
    repeatedInterrupted: numbers.filter((number) => number === heldStep).length,
  };
}
