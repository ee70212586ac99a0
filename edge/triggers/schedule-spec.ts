import { Cron } from "croner";
import { InputError } from "#blueprints/error";

/** What a `Schedule` object keeps. */
export interface ScheduleSpec {
  readonly workspaceId: string;
  readonly name: string;
  readonly workflow: string;
  /** Five or six fields. */
  readonly cron: string;
  /** IANA name. */
  readonly timezone: string;
  readonly input?: unknown;
  /** Times that passed while the platform was down. Absent: `once`. */
  readonly missed?: "once" | "skip" | "all";
  /** When the run before is not over. Absent: `allow`. */
  readonly overlap?: "allow" | "skip" | "queue" | "replace";
}

/**
 * The first due time after `after`, in milliseconds since 1970; undefined: never again. A local time
 * that a clock change skips is due right after it, one that it repeats is due once.
 * @throws InputError `schedule.bad-cron`
 */
export function nextDue(
  { cron, timezone }: Pick<ScheduleSpec, "cron" | "timezone">,
  after: number,
): number | undefined {
  try {
    return new Cron(cron, { timezone, paused: true }).nextRun(new Date(after))?.getTime();
  } catch (cause) {
    throw new InputError("schedule.bad-cron", `"${cron}" in "${timezone}" is not a schedule.`, {
      fix: "Write five or six cron fields and an IANA time zone, e.g. `0 9 * * 1-5` in Europe/Vienna.",
      cause,
    });
  }
}
