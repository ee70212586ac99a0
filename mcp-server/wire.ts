/** Values that belong to users: their own keys are not ours to rename. */
const opaque = new Set([
  "definition",
  "input",
  "output",
  "body",
  "urls",
  "adapters",
  "blueprint",
  "schema",
  "flags",
]);

const toSnake = (key: string): string => key.replace(/[A-Z]/g, (char) => `_${char.toLowerCase()}`);

/**
 * An answer of the platform in the wire's form: snake_case names, times as ISO 8601. Fields named
 * `...At` hold milliseconds since 1970 inside the platform.
 */
export function toWire(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toWire);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, one]: [string, unknown]) => {
      if (one === undefined) return [];
      if (key.endsWith("At") && typeof one === "number") {
        return [[toSnake(key), new Date(one).toISOString()]];
      }
      return [[toSnake(key), opaque.has(key) ? one : toWire(one)]];
    }),
  );
}

/** The same for an object. */
export function toWireRecord(value: object): Record<string, unknown> {
  return toWire(value) as Record<string, unknown>;
}
