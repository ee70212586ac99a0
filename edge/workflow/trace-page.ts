import type { StepTrace } from "./run-api.ts";

/** What one answer holds of a trace, at most. */
export const tracePage = {
  steps: 1_000,
  /** Characters of all steps as JSON; a page has one step at least. */
  characters: 8_000_000,
} as const;

/** A part of the steps of a run, in the order of their start. */
export interface TracePage {
  /** How many steps come before it. */
  readonly after: number;
  readonly limit: number;
}

/** The steps of a page, and where the next one begins; no `nextAfter`: there is none yet. */
export function pageOf<Step>(
  all: readonly Step[],
  { after, limit }: TracePage,
  toTrace: (step: Step) => StepTrace,
): { readonly steps: StepTrace[]; readonly stepCount: number; readonly nextAfter?: number } {
  const steps: StepTrace[] = [];
  let characters = 0;
  for (const step of all.slice(after, after + limit)) {
    const trace = toTrace(step);
    characters += JSON.stringify(trace).length;
    if (steps.length > 0 && characters > tracePage.characters) break;
    steps.push(trace);
  }
  const next = after + steps.length;
  return { steps, stepCount: all.length, ...(next < all.length ? { nextAfter: next } : {}) };
}
