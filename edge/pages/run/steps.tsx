import type { OverviewStep, RunOverview } from "#edge/workflow/run-api";
import { StepDetails } from "./step.tsx";
import { Bar, type Span, spanOf, spansOfModels } from "./timeline.tsx";
import { duration, number, plural, usageText } from "./words.ts";

/** Every step that the page shows, on one line of time; each opens to its details. */
export function StepsSection({ overview, now }: { overview: RunOverview; now: number }) {
  const { steps, stepCount, startedAt, endedAt } = overview;
  const span: Span = { from: startedAt, to: Math.max(startedAt + 1, endedAt ?? now), now };
  return (
    <section id="steps" aria-labelledby="steps-title">
      <h2 id="steps-title">Steps</h2>
      {steps.length < stepCount ? <LeftOut overview={overview} /> : null}
      {steps.length === 0 ? (
        <p id="no-steps" class="soft">
          {stepCount === 0 ? "No step has started yet." : "There are no steps here."}
        </p>
      ) : (
        <p id="scale" class="scale" aria-hidden="true">
          <span>0</span>
          <span>{duration(span.to - span.from)}</span>
        </p>
      )}
      <ol id="waterfall" class="waterfall">
        {withGaps(steps, stepCount).map((one) =>
          "node" in one ? <StepRow step={one} span={span} overview={overview} /> : <Gap {...one} />,
        )}
      </ol>
    </section>
  );
}

function LeftOut({ overview: { steps, stepCount, id } }: { overview: RunOverview }) {
  return (
    <p id="left-out" class="soft">
      {plural(stepCount, "step")}, of which {number(steps.length)} are here; where some are left
      out, a link leads to them. A program gets all of them: <code>GET /runs/{id}</code>, get_run.
    </p>
  );
}

interface Missing {
  readonly from: number;
  readonly to: number;
}

/** The shown steps, and between them where steps are left out. */
function withGaps(steps: readonly OverviewStep[], count: number): (OverviewStep | Missing)[] {
  const rows: (OverviewStep | Missing)[] = [];
  let next = 1;
  for (const step of steps) {
    if (step.number > next) rows.push({ from: next, to: step.number - 1 });
    rows.push(step);
    next = step.number + 1;
  }
  if (next <= count) rows.push({ from: next, to: count });
  return rows;
}

function Gap({ from, to }: Missing) {
  return (
    <li id={`gap-${from}`} class="gap">
      <a href={`?from=${from}`}>
        {from === to ? `Step ${number(from)} is` : `Steps ${number(from)} to ${number(to)} are`} not
        shown
      </a>
    </li>
  );
}

/** Id of what a link to a step opens. */
export function stepAnchor(path: string): string {
  return `step-${path}`;
}

function StepRow(row: { step: OverviewStep; span: Span; overview: RunOverview }) {
  const { step, span, overview } = row;
  const { id: path, node, type, status, startedAt, endedAt } = step;
  const inside = path.slice(0, path.length - node.length);
  const depth = Math.min(4, path.split("/").length - 1);
  const title = overview.graph.nodes.find(({ id }) => id === node)?.title;
  return (
    <li id={`row-${path}`} class={`depth-${depth}`}>
      <details id={`open-${path}`}>
        <summary>
          <span class="name">
            {inside ? <span class="soft">{inside.replace(/\/$/, " / ")}</span> : null}
            <strong>{title ?? node}</strong> <span class="soft small">{type}</span>
            {step.usage ? <span class="usage">{usageText(step.usage)}</span> : null}
          </span>
          <span class={`status ${status}`}>{status}</span>
          <span class="took">
            {status === "waiting" ? "" : duration((endedAt ?? span.now) - startedAt)}
          </span>
          <Bar spans={barsOf(step, span)} />
        </summary>
        <div class="step" id={stepAnchor(path)}>
          <StepDetails step={step} span={span} />
        </div>
      </details>
    </li>
  );
}

/** The step from its first attempt on; within it steps of its own, failed attempts, calls of models. */
function barsOf(step: OverviewStep, span: Span) {
  const { status, startedAt, endedAt, failures = [], substeps = [], models = [] } = step;
  return [
    spanOf(span, { kind: status, startedAt, endedAt }),
    ...substeps.map((substep) => spanOf(span, { ...substep, kind: substep.status })),
    ...failures.map((failure) => spanOf(span, { ...failure, kind: "failed" })),
    ...spansOfModels(span, models),
  ];
}
