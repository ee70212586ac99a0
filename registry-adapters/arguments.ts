import { InputError } from "#blueprints/error";

/** Arguments as some models send them: an object, or its JSON text. */
export function readArguments(value: unknown): Record<string, unknown> {
  const read = typeof value === "string" ? parse(value) : (value ?? {});
  if (typeof read === "object" && read !== null && !Array.isArray(read)) {
    return read as Record<string, unknown>;
  }
  throw new InputError("adapter.bad-arguments", "The arguments of the call are not an object.", {
    fix: "Send the arguments as one JSON object.",
  });
}

function parse(text: string): unknown {
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new InputError("adapter.bad-arguments", "The arguments of the call are not JSON.", {
      fix: "Send the arguments as the JSON text of one object.",
    });
  }
}

/** The fields of a call that must be an object. */
export function readCall(call: unknown): Record<string, unknown> {
  if (typeof call === "object" && call !== null && !Array.isArray(call)) {
    return call as Record<string, unknown>;
  }
  throw new InputError("adapter.bad-call", "The call is not an object.", {
    fix: "Send the call as the model gave it.",
  });
}

/** Leaves out nulls that a strict schema demanded where the source has nothing. */
export function omitNulls(value: unknown, paths: readonly (readonly string[])[]): unknown {
  if (paths.length === 0 || typeof value !== "object" || value === null) return value;
  const below = (key: string): (readonly string[])[] =>
    paths.filter(([first]) => first === key).map(([, ...rest]) => rest);
  if (Array.isArray(value)) {
    const inner = below("*");
    return value.map((item) => omitNulls(item, inner));
  }
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]): [string, unknown][] => {
      const inner = below(key);
      if (item === null && inner.some((rest) => rest.length === 0)) return [];
      return [[key, omitNulls(item, inner)]];
    }),
  );
}

/** The text of a result; structured content as JSON where there is no text. */
export function textOf(result: {
  readonly content: readonly Readonly<Record<string, unknown>>[];
  readonly structuredContent?: unknown;
}): string {
  const lines = result.content.flatMap((part) =>
    part["type"] === "text" && typeof part["text"] === "string" ? [part["text"]] : [],
  );
  if (lines.length > 0) return lines.join("\n");
  return JSON.stringify(result.structuredContent ?? result.content);
}
