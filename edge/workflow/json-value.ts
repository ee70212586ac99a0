import { InputError } from "#blueprints/error";
import { runLimits } from "./limits.ts";

/**
 * A result as it will be read back, so that a run sees the same before and after a restart; nothing
 * at all becomes null. @throws InputError `step.output-not-json`, `step.output-too-large`
 */
export function toJson(step: string, output: unknown): unknown {
  let text: string | undefined;
  try {
    text = JSON.stringify(output);
  } catch (cause) {
    throw notJson(step, cause);
  }
  if (text === undefined) {
    if (output === undefined) return null;
    throw notJson(step);
  }
  const bytes = byteLength(text);
  if (bytes > runLimits.payloadBytes) {
    throw new InputError(
      "step.output-too-large",
      `The output of step "${step}" has ${bytes} bytes; ${runLimits.payloadBytes} are allowed.`,
      { fix: "Store the data elsewhere and return a reference." },
    );
  }
  return JSON.parse(text) as unknown;
}

/** Bytes of UTF-8; only texts that may be too long are really encoded. */
export function byteLength(text: string): number {
  return text.length * 3 <= runLimits.payloadBytes
    ? text.length
    : new TextEncoder().encode(text).byteLength;
}

function notJson(step: string, cause?: unknown): InputError {
  return new InputError("step.output-not-json", `The output of step "${step}" is not JSON.`, {
    fix: "Return plain objects, lists, texts, numbers, true, false and null.",
    cause,
  });
}
