import { AerostackError, type WireError } from "#blueprints/error";

/** One line of the log about what only the operator can put right; nothing in it may be secret. */
export function warn(code: string, about: Readonly<Record<string, string>>): void {
  // oxlint-disable-next-line no-console -- the Worker's log is the console
  console.warn(JSON.stringify({ level: "warn", code, ...about }));
}

/**
 * For failures that are ours (bugs, and anything that was never classified): writes one line to the
 * log and answers what the caller may see, a code and the incident's id. Undefined for all others.
 */
export function incidentOf(error: unknown): WireError | undefined {
  if (error instanceof AerostackError && error.kind !== "bug") return undefined;
  const incident = crypto.randomUUID();
  const code = error instanceof AerostackError ? error.code : "internal";
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  // oxlint-disable-next-line no-console -- the Worker's log is the console
  console.error(JSON.stringify({ level: "error", incident, code, detail }));
  return {
    code,
    message: `Something failed inside the platform; incident ${incident}.`,
    fix: "Try again; if it repeats, report the incident id to the operator.",
  };
}
