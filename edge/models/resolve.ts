import type { LanguageModel } from "ai";
import { ConfigurationError, InputError } from "#blueprints/error";
import { providers } from "./index.ts";
import type { ModelEnv } from "./provider.ts";

/**
 * The model with this id, `provider:model` or `provider` alone; without an id the one that
 * `AEROSTACK_MODEL` names. Undefined: none is configured. Throws InputError `model.unknown` and
 * ConfigurationError `model.no-key`.
 */
export function resolveModel(env: ModelEnv, id?: string): LanguageModel | undefined {
  const wanted = id ?? env.AEROSTACK_MODEL;
  if (!wanted) return undefined;
  const colon = wanted.indexOf(":");
  const name = colon < 0 ? wanted : wanted.slice(0, colon);
  const provider = Object.hasOwn(providers, name) ? providers[name] : undefined;
  const model = colon < 0 ? provider?.defaultModel : wanted.slice(colon + 1);
  if (!provider || !model) {
    throw new InputError("model.unknown", `There is no model "${wanted}".`, {
      fix: `Write provider:model with one of ${Object.keys(providers).join(", ")}.`,
    });
  }
  const made = provider.create(env, model);
  if (made) return made;
  throw new ConfigurationError(
    "model.no-key",
    `"${wanted}" needs ${provider.variable}, which is not set.`,
    {
      fix: `Set ${provider.variable} and start again, or leave the model out.`,
    },
  );
}

/** The full id, `provider:model`, of the model that `resolveModel` gives; empty: none. */
export function modelIdOf(env: ModelEnv, id?: string): string {
  const wanted = id ?? env.AEROSTACK_MODEL ?? "";
  if (wanted === "" || wanted.includes(":")) return wanted;
  return `${wanted}:${providers[wanted]?.defaultModel ?? ""}`;
}
