import { Cron } from "croner";
import type { BlueprintCheck } from "./check.ts";
import { quoteValue } from "./path.ts";

/** Schedules have a cron line that comes due and a time zone that exists. */
export const checkSchedules: BlueprintCheck = ({ blueprint }, report) => {
  blueprint.schedules.forEach(({ cron, timezone }, index) => {
    const path = `schedules[${index}]`;
    if (!isTimezone(timezone)) {
      report({
        code: "schedule.unknown-timezone",
        path: `${path}.timezone`,
        message: `There is no time zone ${quoteValue(timezone)}.`,
        fix: 'Use an IANA name such as "Europe/Berlin" or "UTC".',
      });
    }
    const problem = problemOf(cron);
    if (!problem) return;
    report({
      code: "schedule.invalid-cron",
      path: `${path}.cron`,
      message: `The cron line ${quoteValue(cron)} ${problem}.`,
      fix: 'Use five fields: minute, hour, day, month, weekday, e.g. "0 9 * * 1-5".',
    });
  });
};

function isTimezone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat("en", { timeZone: name }));
  } catch {
    return false;
  }
}

function problemOf(cron: string): string | undefined {
  if (![5, 6].includes(cron.trim().split(/\s+/).length)) return "does not have five or six fields";
  try {
    return new Cron(cron, { paused: true }).nextRun() ? undefined : "never comes due";
  } catch {
    return "cannot be read";
  }
}
