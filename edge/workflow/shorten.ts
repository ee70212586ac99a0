const more = "…";

/** At most about `length` characters of a text; what was cut off shows as `…`. */
export function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, Math.max(0, length))}${more}`;
}

/**
 * A JSON value whose JSON has at most about `length` characters, of the same form: long strings,
 * lists and objects end with `…`, and so does what nests deeper than anybody reads.
 */
export function shorten(value: unknown, length: number): unknown {
  return walk(value, { left: length }, 0);
}

const deepest = 30;

function walk(value: unknown, purse: { left: number }, depth: number): unknown {
  if (typeof value === "string") {
    const kept = cut(value, purse.left);
    purse.left -= kept.length + 2;
    return kept;
  }
  if (value === null || typeof value !== "object") {
    purse.left -= String(value).length + 1;
    return value;
  }
  if (depth === deepest) return more;
  purse.left -= 2;
  return Array.isArray(value) ? walkList(value, purse, depth) : walkObject(value, purse, depth);
}

function walkList(list: readonly unknown[], purse: { left: number }, depth: number): unknown[] {
  const kept: unknown[] = [];
  for (const item of list) {
    if (purse.left <= 0) return [...kept, more];
    kept.push(walk(item, purse, depth + 1));
  }
  return kept;
}

function walkObject(object: object, purse: { left: number }, depth: number) {
  const kept: [string, unknown][] = [];
  for (const [key, item] of Object.entries(object)) {
    if (purse.left <= 0) return Object.fromEntries([...kept, [more, more]]);
    const name = cut(key, purse.left);
    purse.left -= name.length + 4;
    kept.push([name, walk(item, purse, depth + 1)]);
  }
  return Object.fromEntries(kept);
}
