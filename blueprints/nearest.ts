const longest = 64;

/** Edit distance, rows only; both texts at most `longest` characters. */
function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const same = left[i - 1] === right[j - 1] ? 0 : 1;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}

/** The candidate that was probably meant, for "did you mean"; undefined when none is near. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  const wanted = name.slice(0, longest).toLowerCase().replaceAll("-", "_");
  let best: string | undefined;
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates.slice(0, 500)) {
    const other = candidate.slice(0, longest).toLowerCase().replaceAll("-", "_");
    const found = distance(wanted, other);
    if (found < least) {
      best = candidate;
      least = found;
    }
  }
  return best;
}

/** "Did you mean X?" and "Use one of ..." in one imperative. */
export function suggest(name: string, candidates: readonly string[], kind: string): string {
  const other = nearest(name, candidates);
  if (other) return `Use "${other}".`;
  if (candidates.length === 0) return `Declare the ${kind} first.`;
  const shown = candidates.slice(0, 30).join(", ");
  return `Use one of: ${shown}${candidates.length > 30 ? ", ..." : ""}; or declare the ${kind}.`;
}
