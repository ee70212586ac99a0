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

/** A sortable id, `run_01j...`: prefix and ULID in lower case. Made lazily: no random values at module scope. */
export function createId(prefix: IdPrefix, now: number): string {
  next ??= monotonicFactory();
  return `${prefix}_${next(now).toLowerCase()}`;
}
