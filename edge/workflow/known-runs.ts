/** Ids of runs that were started or read in this isolate; the oldest leaves first. */
const known = new Set<string>();
const knownAtMost = 20_000;

export function rememberRun(id: string): void {
  known.add(id);
  const [oldest] = known;
  if (known.size > knownAtMost && oldest !== undefined) known.delete(oldest);
}

/** No says nothing: it may exist all the same. */
export function isKnownRun(id: string): boolean {
  return known.has(id);
}
