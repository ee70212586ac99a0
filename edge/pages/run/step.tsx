import type { Child } from "hono/jsx";
import type { ModelUsage } from "#blueprints/model";
import type { OverviewStep, SubstepTrace } from "#edge/workflow/run-api";
import { Facts } from "../parts.tsx";
import { Bar, type Span, spanOf, spansOfModels } from "./timeline.tsx";
import { duration, moment, number, usageText } from "./words.ts";

/** All that is known of a step. */
export function StepDetails({ step, span }: { step: OverviewStep; span: Span }) {
  const { id, attempts, port, startedAt, endedAt, wait, children = [], leftOut } = step;
  return (
    <>
      {step.error ? <ErrorNote error={step.error} /> : null}
      {wait ? <WaitNote wait={wait} /> : null}
      <Facts
        rows={[
          ["Step", <code>{id}</code>],
          ["Started", moment(startedAt)],
          ["Took", endedAt === undefined ? undefined : duration(endedAt - startedAt)],
          ["Attempts", attempts > 1 ? number(attempts) : undefined],
          ["Left by", port === undefined ? undefined : <code>{port}</code>],
          ["Started runs", children.length > 0 ? <Runs runs={children} /> : undefined],
        ]}
      />
      <Value title="Input" value={step.input} />
      <Value title="Output" value={step.output} />
      <Failures step={step} />
      <Models calls={step.models ?? []} span={span} more={leftOut.models} />
      <Substeps substeps={step.substeps ?? []} span={span} more={leftOut.substeps} />
      <List title="Outside calls" more={leftOut.effects}>
        {step.effects.map(({ kind, target, status, body }) => (
          <li>
            {kind} <code>{target}</code>
            {status === undefined ? null : ` → ${status}`}
            {body === undefined ? null : <pre class="material">{asText(body)}</pre>}
          </li>
        ))}
      </List>
      <List title="Log" more={leftOut.logs}>
        {step.logs.map((line) => (
          <li>
            <code>{line}</code>
          </li>
        ))}
      </List>
    </>
  );
}

interface ShownError {
  readonly code: string;
  readonly message: string;
  readonly fix?: string;
}

/** What went wrong, and what to do about it. */
export function ErrorNote({ error, children }: { error: ShownError; children?: Child }) {
  return (
    <p class="problem">
      <strong>{error.message}</strong> {error.fix} <code>{error.code}</code> {children}
    </p>
  );
}

function WaitNote({ wait }: { wait: NonNullable<OverviewStep["wait"]> }) {
  const { title, message, until, link } = wait;
  return (
    <div class="waits">
      {title ? <strong>{title}</strong> : null}
      {message ? <p>{message}</p> : null}
      {until === undefined ? null : <p class="soft">Until {moment(until)}.</p>}
      {isWebAddress(link) ? (
        <p>
          <a class="button" href={link}>
            Open what it waits for
          </a>
        </p>
      ) : null}
    </div>
  );
}

/** No other scheme becomes something that one can press. */
function isWebAddress(link: string | undefined): link is string {
  return link !== undefined && /^https?:$/.test(URL.parse(link)?.protocol ?? "");
}

function Runs({ runs }: { runs: NonNullable<OverviewStep["children"]> }) {
  return (
    <ul>
      {runs.map(({ id, workflow }) => (
        <li>
          <a href={`/runs/${encodeURIComponent(id)}`}>{workflow}</a>
        </li>
      ))}
    </ul>
  );
}

/** A JSON value to read; nothing where there is none. */
export function Value({ title, value }: { title?: string; value: unknown }) {
  if (value === undefined || value === null) return null;
  return (
    <>
      {title ? <h3>{title}</h3> : null}
      <pre class="material">{asText(value)}</pre>
    </>
  );
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

function List(props: { title: string; more: number | undefined; children: Child[] }) {
  if (props.children.length === 0) return null;
  return (
    <>
      <h3>{props.title}</h3>
      <ul class="plain-list">
        {props.children}
        {props.more ? <li class="soft">and {number(props.more)} more</li> : null}
      </ul>
    </>
  );
}

function Failures({ step: { failures = [], leftOut } }: { step: OverviewStep }) {
  return (
    <List title="Attempts that failed" more={leftOut.failures}>
      {failures.map(({ startedAt, endedAt, error }, index) => (
        <li>
          {index + 1}: {error ? error.message : "The platform stopped meanwhile."}{" "}
          <span class="soft">
            {moment(startedAt)}, {duration(endedAt - startedAt)}
          </span>
        </li>
      ))}
    </List>
  );
}

function Models(props: { calls: readonly ModelUsage[]; span: Span; more: number | undefined }) {
  return (
    <List title="Model calls" more={props.more}>
      {props.calls.map((call) => (
        <li>
          <code>{call.model}</code> {usageText(call)},{" "}
          <span class="soft">{duration(call.durationMs)}</span>
          <Bar spans={spansOfModels(props.span, [call])} />
        </li>
      ))}
    </List>
  );
}

function Substeps(props: {
  substeps: readonly SubstepTrace[];
  span: Span;
  more: number | undefined;
}) {
  return (
    <List title="Steps within" more={props.more}>
      {props.substeps.map((substep) => (
        <li>
          <code>{substep.name}</code>{" "}
          <span class={`status ${substep.status}`}>{substep.status}</span>{" "}
          <span class="soft">
            {duration((substep.endedAt ?? props.span.now) - substep.startedAt)}
            {substep.attempts > 1 ? `, ${substep.attempts} attempts` : ""}
          </span>
          <Bar spans={[spanOf(props.span, { ...substep, kind: substep.status })]} />
          {substep.models?.map((call) => (
            <span class="usage">{usageText(call)}</span>
          ))}
          {substep.error ? <ErrorNote error={substep.error} /> : null}
          <Value title="Input" value={substep.input} />
          <Value title="Output" value={substep.output} />
        </li>
      ))}
    </List>
  );
}
