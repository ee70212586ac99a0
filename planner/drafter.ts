import type { BlueprintInput } from "#blueprints/blueprint";
import type { Issue } from "#blueprints/issue";
import type { PlanAnswer, PlannerTools, PlanRequest, RegistryHit } from "./request.ts";

/** What a drafter works from: the request, and what was found for it beforehand. */
export interface Brief {
  readonly request: PlanRequest;
  readonly tools: PlannerTools;
  /** Marketplace entries that may fit, best first. */
  readonly hits: readonly RegistryHit[];
}

/** A blueprint before it is checked, and everything that is said about it. */
export type Draft = Omit<PlanAnswer, "diagram" | "planner">;

/**
 * Words in, a blueprint out. Two exist: `embedded` needs no key and always answers the same for
 * the same brief; `llm` asks a language model. `plan` checks what either returns, so a drafter may
 * be wrong, but it must never emit a node type that the catalogue lacks.
 */
export interface Drafter {
  /** Shown as `planner` in the answer. */
  readonly name: string;
  draft(brief: Brief): Promise<Draft>;
  /** Another attempt, with what the check found; absent: the draft stands as it is. */
  repair?(brief: Brief, blueprint: BlueprintInput, issues: readonly Issue[]): Promise<Draft>;
}
