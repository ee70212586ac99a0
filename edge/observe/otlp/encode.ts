/**
 * OTLP as JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): ids in hexadecimal,
 * 64-bit numbers as strings. Written here because the exporters of OpenTelemetry for JavaScript stand
 * on Node's HTTP client and timers, and what is sent is four small shapes.
 */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Times are milliseconds since 1970. */
export interface Span {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: "internal" | "server" | "client";
  readonly startedAt: number;
  readonly endedAt: number;
  readonly attributes: Attributes;
  /** What went wrong, in a word; absent: nothing. */
  readonly error?: string;
}

/** One duration of one thing, before they are added up. Milliseconds. */
export interface Measurement {
  readonly metric: string;
  readonly description: string;
  readonly milliseconds: number;
  readonly attributes: Attributes;
}

const kinds = { internal: 1, server: 2, client: 3 } as const;
const scope = { name: "aerostack" };
/** Seconds; as the semantic conventions advise for MCP and GenAI durations. */
const bounds = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];
const delta = 1;

/** Body of `POST /v1/traces`. */
export function encodeSpans(resource: Attributes, spans: readonly Span[]): object {
  const scopeSpans = [{ scope, spans: spans.map(encodeSpan) }];
  return { resourceSpans: [{ resource: { attributes: encode(resource) }, scopeSpans }] };
}

/** Body of `POST /v1/metrics`: a histogram a metric, its points for `[since, until]`. */
export function encodeMeasurements(
  resource: Attributes,
  measurements: readonly Measurement[],
  [since, until]: readonly [number, number],
): object {
  const metrics = [...Map.groupBy(measurements, ({ metric }) => metric)].map(([name, all]) => ({
    name,
    description: all[0]?.description ?? "",
    unit: "s",
    histogram: {
      aggregationTemporality: delta,
      dataPoints: [
        ...Map.groupBy(all, ({ attributes }) => JSON.stringify(attributes)).values(),
      ].map((points) => encodePoint(points, since, until)),
    },
  }));
  const scopeMetrics = [{ scope, metrics }];
  return { resourceMetrics: [{ resource: { attributes: encode(resource) }, scopeMetrics }] };
}

function encodeSpan(span: Span) {
  const { traceId, spanId, parentSpanId, name, attributes, error } = span;
  return {
    traceId,
    spanId,
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    name,
    kind: kinds[span.kind],
    startTimeUnixNano: nanoseconds(span.startedAt),
    endTimeUnixNano: nanoseconds(span.endedAt),
    attributes: encode(error === undefined ? attributes : { ...attributes, "error.type": error }),
    status: error === undefined ? {} : { code: 2, message: error },
  };
}

function encodePoint(points: readonly Measurement[], since: number, until: number) {
  const seconds = points.map(({ milliseconds }) => milliseconds / 1000);
  const counts = Array.from<number>({ length: bounds.length + 1 }).fill(0);
  for (const value of seconds) {
    const at = bounds.findIndex((bound) => value <= bound);
    counts[at < 0 ? bounds.length : at]! += 1;
  }
  return {
    attributes: encode(points[0]?.attributes ?? {}),
    startTimeUnixNano: nanoseconds(since),
    timeUnixNano: nanoseconds(until),
    count: String(seconds.length),
    sum: seconds.reduce((sum, value) => sum + value, 0),
    min: Math.min(...seconds),
    max: Math.max(...seconds),
    explicitBounds: bounds,
    bucketCounts: counts.map(String),
  };
}

function encode(attributes: Attributes) {
  return Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: encodeValue(value) }],
  );
}

function encodeValue(value: string | number | boolean) {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

/** Fractions of a millisecond are kept; the product of both does not fit a number. */
function nanoseconds(milliseconds: number): string {
  const whole = Math.floor(milliseconds);
  const rest = Math.round((milliseconds - whole) * 1_000_000);
  return String(BigInt(whole) * 1_000_000n + BigInt(rest));
}
