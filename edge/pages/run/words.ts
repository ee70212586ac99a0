import type { RunUsage, StepTrace, Tally } from "#edge/workflow/run-api";

export type StepStatus = StepTrace["status"];

const statuses = ["succeeded", "failed", "cancelled", "uncertain", "waiting", "running"] as const;

/** `3 ms`, `1.2 s`, `4 min 10 s`, `2 h 5 min`, `3 d 4 h`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48
    ? `${hours} h ${minutes % 60} min`
    : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** `2026-11-26 16:36:04 UTC` */
export function moment(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

export function number(value: number): string {
  return value.toLocaleString("en-US");
}

/** `1 step`, `3 steps` */
export function plural(count: number, what: string, many = `${what}s`): string {
  return `${number(count)} ${count === 1 ? what : many}`;
}

/** `11 succeeded, 1 failed`; empty where there is none. */
export function tallyText(tally: Tally): string {
  return statuses
    .flatMap((status) => (tally[status] ? [`${number(tally[status])} ${status}`] : []))
    .join(", ");
}

/** What a node looks like: what is going on in it, else the worst that happened. */
export function statusOfTally(tally: Tally): StepStatus | undefined {
  const order = ["waiting", "uncertain", "running", "failed", "succeeded", "cancelled"] as const;
  return order.find((status) => tally[status]);
}

/** `1,200 tokens in, 300 out, $0.0042, estimated`; an unknown price is no zero. */
export function usageText(usage: Omit<RunUsage, "calls">): string {
  const { inputTokens, outputTokens, costUsd, estimated } = usage;
  const parts = [`${number(inputTokens)} tokens in, ${number(outputTokens)} out`];
  if (costUsd !== undefined) parts.push(dollars(costUsd));
  if (estimated) parts.push("estimated");
  return parts.join(", ");
}

function dollars(usd: number): string {
  return `$${usd < 0.01 ? usd.toFixed(6).replace(/0{1,3}$/, "") : usd.toFixed(2)}`;
}
