import type { LanguageModel } from "ai";
import { resolveModel } from "./resolve.ts";
import type { ModelEnv } from "./provider.ts";

/** The model that drafts plans, as `AEROSTACK_MODEL` names it; undefined: the embedded planner. */
export function planningModel(env: ModelEnv): LanguageModel | undefined {
  return resolveModel(env);
}
