/** `["nodes", 2, "config", "a b"]` as it stands in issues: `nodes[2].config["a b"]`. */
export function formatPath(path: readonly PropertyKey[], start = ""): string {
  let out = start;
  for (const key of path) {
    if (typeof key === "number") out += `[${key}]`;
    else {
      const name = String(key).slice(0, 80);
      if (!/^[A-Za-z_$][\w$-]*$/.test(name)) out += `[${JSON.stringify(name)}]`;
      else out += out === "" ? name : `.${name}`;
    }
  }
  return out;
}

/** The value at a path of plain data; undefined where it leads nowhere. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, key)) {
      return undefined;
    }
    current = (current as Record<PropertyKey, unknown>)[key];
  }
  return current;
}

/** How a value is quoted in a message. */
export function quoteValue(value: unknown): string {
  const text = JSON.stringify(value) ?? "undefined";
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
