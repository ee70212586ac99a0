import { type OutputUnit, Validator } from "@cfworker/json-schema";
import { InputError, UpstreamError } from "#blueprints/error";
import type { Env } from "#edge/env";
import { runFunction } from "#edge/isolates/run";
import type { LiveFunction } from "./live-items.ts";

const validators = new WeakMap<object, Validator>();

/** The first violations as one sentence, or undefined where `value` fits the JSON Schema. */
function violations(schema: Record<string, unknown>, value: unknown): string | undefined {
  let validator = validators.get(schema);
  if (!validator) {
    validator = new Validator(schema, "2020-12", false);
    validators.set(schema, validator);
  }
  const { valid, errors } = validator.validate(value);
  return valid ? undefined : describe(errors);
}

function describe(errors: readonly OutputUnit[]): string {
  const leaves = errors.filter(({ keyword }) => keyword !== "properties" && keyword !== "items");
  const shown = (leaves.length > 0 ? leaves : errors).slice(0, 3);
  return shown.map((one) => `${one.instanceLocation}: ${one.error}`).join(" ");
}

/**
 * Runs a deployed function in an isolate, its input checked before and its output after. Throws
 * `function.input`, `function.output` and what the isolate reports.
 */
export async function runChecked(
  env: Env,
  live: LiveFunction,
  call: {
    readonly name: string;
    readonly input: unknown;
    readonly workspaceId: string;
    readonly runId?: string;
  },
): Promise<{ output: unknown; logs: string[]; durationMs: number }> {
  const wrongInput = violations(live.input, call.input);
  if (wrongInput) {
    throw new InputError(
      "function.input",
      `The input of ${call.name} does not fit: ${wrongInput}`,
      {
        fix: "Send what its input schema asks for.",
      },
    );
  }
  const { egress, secrets, code } = live;
  const grant = {
    workspaceId: call.workspaceId,
    egress,
    secrets,
    mode: "live" as const,
    ...(call.runId === undefined ? {} : { runId: call.runId }),
  };
  const result = await runFunction(env, { code, grant, input: call.input });
  const wrongOutput = violations(live.output, result.output);
  if (wrongOutput) {
    throw new UpstreamError(
      "function.output",
      `The output of ${call.name} does not fit its schema: ${wrongOutput}`,
      { fix: "Correct the function or its output schema, and deploy it again." },
    );
  }
  return result;
}
