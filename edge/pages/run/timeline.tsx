import type { ModelUsage } from "#blueprints/model";
import type { StepStatus } from "./words.ts";

/** The time that a line stands for; milliseconds since 1970. */
export interface Span {
  readonly from: number;
  readonly to: number;
  /** When the page was made: as far as what still goes on is drawn. */
  readonly now: number;
}

interface BarPart {
  readonly kind: StepStatus | "model";
  /** Thousandths of the line. */
  readonly x: number;
  readonly width: number;
}

/** Thousandths; shorter ones would not be seen. */
const narrowest = 6;

export function spanOf(
  { from, to, now }: Span,
  part: {
    readonly kind: BarPart["kind"];
    readonly startedAt: number;
    readonly endedAt?: number | undefined;
  },
): BarPart {
  const scale = 1000 / Math.max(1, to - from);
  const ends = part.endedAt ?? Math.min(now, to);
  const width = Math.max(narrowest, (ends - part.startedAt) * scale);
  const x = Math.max(0, Math.min(1000 - Math.min(width, 1000), (part.startedAt - from) * scale));
  return { kind: part.kind, x: round(x), width: round(Math.min(width, 1000 - x)) };
}

/** One for each call whose time is known. */
export function spansOfModels(span: Span, calls: readonly ModelUsage[]): BarPart[] {
  return calls.flatMap(({ startedAt, durationMs }) =>
    startedAt === undefined
      ? []
      : [spanOf(span, { kind: "model", startedAt, endedAt: startedAt + durationMs })],
  );
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

const whole = { y: 0, height: 10, rx: 3 };
const within = { y: 2, height: 6, rx: 0 };
const innermost = { y: 4, height: 2, rx: 0 };

/** Drawn by attributes: the pages' policy lets no style of an element in. */
export function Bar({ spans }: { spans: readonly BarPart[] }) {
  return (
    <svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
      {spans.map(({ kind, x, width }, index) => (
        <rect
          class={index === 0 || kind === "model" ? kind : `${kind} try`}
          x={x}
          width={width}
          {...(index === 0 ? whole : kind === "model" ? innermost : within)}
        />
      ))}
    </svg>
  );
}
