/**
 * A long text is cut twice. The first cut may go through the middle of a secret, so it leaves some
 * to spare and a mark; once secrets are taken out, the second one takes away from a marked end what
 * may be a part of one that nobody could find any more.
 */
export type Cut = "before redaction" | "after redaction";

const more = "…";
/** Characters; parts of longer secrets are found by their pieces. */
const spare = 500;
/** Of the first cut: no character of anybody's. */
const mark = "\u{e000}";

/** At most about `length` characters of a text; what was cut off shows as `…`. */
export function cut(text: string, length: number, which: Cut): string {
  const room = Math.max(0, length);
  if (which === "before redaction") {
    return text.length <= room + spare ? text : `${text.slice(0, room + spare)}${mark}`;
  }
  const whole = text.endsWith(mark) ? text.slice(0, -spare - mark.length) : text;
  return whole.length <= room && whole === text ? text : `${whole.slice(0, room)}${more}`;
}

interface Room {
  left: number;
  readonly which: Cut;
}

/**
 * A JSON value whose JSON has at most about `length` characters, of the same form: long strings,
 * lists and objects end with `…`, and so does what nests deeper than anybody reads.
 */
export function shorten(value: unknown, length: number, which: Cut): unknown {
  return walk(value, { left: which === "before redaction" ? length + spare : length, which }, 0);
}

const deepest = 30;

function walk(value: unknown, room: Room, depth: number): unknown {
  if (typeof value === "string") {
    const kept = cut(value, room.left, room.which);
    room.left -= kept.length + 2;
    return kept;
  }
  if (value === null || typeof value !== "object") {
    room.left -= String(value).length + 1;
    return value;
  }
  if (depth === deepest) return more;
  room.left -= 2;
  return Array.isArray(value) ? walkList(value, room, depth) : walkObject(value, room, depth);
}

function walkList(list: readonly unknown[], room: Room, depth: number): unknown[] {
  const kept: unknown[] = [];
  for (const item of list) {
    if (room.left <= 0) return [...kept, more];
    kept.push(walk(item, room, depth + 1));
  }
  return kept;
}

function walkObject(object: object, room: Room, depth: number) {
  const kept: [string, unknown][] = [];
  for (const [key, item] of Object.entries(object)) {
    if (room.left <= 0) return Object.fromEntries([...kept, [more, more]]);
    const name = cut(key, room.left, room.which);
    room.left -= name.length + 4;
    kept.push([name, walk(item, room, depth + 1)]);
  }
  return Object.fromEntries(kept);
}
