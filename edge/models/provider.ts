import type { LanguageModel } from "ai";
import type { Env } from "#edge/env";

/** What of the environment a provider reads; `Env` and `process.env` both fit. */
export interface ModelEnv extends Pick<
  Partial<Env>,
  | "ANTHROPIC_API_KEY"
  | "OPENAI_API_KEY"
  | "GOOGLE_GENERATIVE_AI_API_KEY"
  | "GROQ_API_KEY"
  | "OPENAI_COMPATIBLE_URL"
  | "OPENAI_COMPATIBLE_KEY"
  | "AEROSTACK_MODEL"
> {}

/** A provider of language models: one file, one value, listed in `index.ts`. */
export interface ModelProvider {
  /** First half of a model id: `anthropic` in `anthropic:claude-haiku-4-5`. */
  readonly name: string;
  /** Used when an id names the provider only; undefined: a model must be named. */
  readonly defaultModel: string | undefined;
  /** Name of the variable that switches it on, for the error that says how. */
  readonly variable: string;
  /** The model; undefined when the environment has no key for this provider. */
  create(env: ModelEnv, model: string): LanguageModel | undefined;
}

/** Identity; checks the shape. */
export function defineProvider(provider: ModelProvider): ModelProvider {
  return provider;
}
