import type { RunOverview } from "#edge/workflow/run-api";
import { Facts } from "../parts.tsx";
import { ErrorNote } from "./step.tsx";
import { duration, moment, number, plural, tallyText, usageText } from "./words.ts";

interface Shown {
  readonly overview: RunOverview;
  readonly now: number;
  readonly linkTo: (path: string) => string | undefined;
}

/** How the run stands, in one line and a few facts. */
export function Head({ overview, now, linkTo }: Shown) {
  const { workflow, version, status, error, usage, tally, startedAt, endedAt } = overview;
  const at = error?.step === undefined ? undefined : linkTo(error.step);
  return (
    <section id="head">
      <h1 id="name">{workflow}</h1>
      <p id="state" class={`state ${status}`} role="status">
        {stateText(overview)}
      </p>
      {error ? (
        <div id="error">
          <ErrorNote error={error}>
            {at ? <a href={at}>Show the step “{error.step}”</a> : error.step}
          </ErrorNote>
        </div>
      ) : null}
      <div id="facts">
        <Facts
          rows={[
            ["Run", <code>{overview.id}</code>],
            ["Version", overview.mode === "test" ? `${version}, as a test` : number(version)],
            ["Started", startText(overview)],
            ["Took", endedAt === undefined ? undefined : duration(endedAt - startedAt)],
            ["So far", endedAt === undefined ? duration(now - startedAt) : undefined],
            ["Steps", tallyText(tally) || "none yet"],
            ["Models", usage.calls > 0 ? modelText(usage) : undefined],
          ]}
        />
      </div>
    </section>
  );
}

function startText({ startedAt, trigger, startedBy }: RunOverview): string {
  const who = startedBy === undefined ? "" : ` by ${startedBy}`;
  return `${moment(startedAt)}, ${trigger}${who}`;
}

function modelText(usage: RunOverview["usage"]): string {
  return `${plural(usage.calls, "call")}: ${usageText(usage)}`;
}

function stateText({ status, tally, steps, startedAt, endedAt }: RunOverview): string {
  const waiting = steps.find((step) => step.status === "waiting" || step.status === "uncertain");
  switch (status) {
    case "waiting":
      return waiting ? `Waiting at “${waiting.id}”` : "Waiting";
    case "running":
      return `Running: ${plural(tally.succeeded ?? 0, "step")} done`;
    case "succeeded":
    case "failed":
    case "cancelled": {
      const word = { succeeded: "Succeeded", failed: "Failed", cancelled: "Cancelled" }[status];
      return `${word} after ${duration((endedAt ?? startedAt) - startedAt)}`;
    }
    default:
      return status satisfies never;
  }
}
