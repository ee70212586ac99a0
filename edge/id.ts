import { monotonicFactory } from "ulidx";

/** Prefixes of ids, one a kind of thing, so that an id says what it names. */
export type IdPrefix =
  | "acc"
  | "key"
  | "wks"
  | "tok"
  | "plan"
  | "scf"
  | "bp"
  | "res"
  | "dep"
  | "run"
  | "call"
  | "tik"
  | "hook";

let next: ((seed?: number) => string) | undefined;

/** Random bytes for many characters at once: asking the runtime costs more than all the rest. */
const pool = new Uint8Array(1024);
let used = pool.length;

/** From 0 to below 1; every one of the 32 characters of an id is equally likely. */
function random(): number {
  if (used === pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  return pool[used++]! / 256;
}

/** A sortable id, `run_01j...`: prefix and ULID in lower case. Made lazily: no random values at module scope. */
export function createId(prefix: IdPrefix, now: number): string {
  next ??= monotonicFactory(random);
  return `${prefix}_${next(now).toLowerCase()}`;
}
