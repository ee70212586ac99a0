import { gateScore, type Scorecard } from "./scorecard.ts";
import { gates, type TaskResult } from "./task.ts";

const green = "\u001B[32m";
const red = "\u001B[31m";
const dim = "\u001B[2m";
const reset = "\u001B[0m";

/** A line a task, with its gates; failed checks below it with what was seen. */
export function taskLine(result: TaskResult): string {
  const mark = result.passed ? `${green}pass${reset}` : `${red}FAIL${reset}`;
  const vector = gates
    .map((gate) => {
      const { passed, of } = gateScore(result.checks, gate);
      return of === 0
        ? `${dim}${gate} -${reset}`
        : `${passed === of ? "" : red}${gate} ${passed}/${of}${reset}`;
    })
    .join("  ");
  const failures = result.checks
    .filter((check) => !check.passed)
    .map(
      (check) =>
        `\n       ${red}${check.gate}: ${check.title}${reset} ${dim}${check.evidence}${reset}`,
    );
  const problem = result.problem ? `\n       ${red}${result.problem}${reset}` : "";
  const seconds = (result.durationMs / 1000).toFixed(1);
  return `${mark}  ${result.name.padEnd(24)} ${vector}  ${dim}${result.calls} calls, ${seconds} s${reset}${failures.join("")}${problem}`;
}

export function summaryLines(card: Scorecard): string {
  const [low, high] = card.interval.map((share) => `${Math.round(share * 100)} %`);
  const lines = [`${card.passed} of ${card.of} tasks passed (95 % interval ${low} to ${high})`];
  for (const mutant of card.mutants ?? []) {
    lines.push(`wrong agent ${mutant.name}: caught by ${mutant.caught} of ${mutant.of} tasks`);
  }
  return lines.join("\n");
}
