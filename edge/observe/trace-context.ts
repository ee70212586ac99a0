import { Buffer } from "node:buffer";

/** W3C trace context (https://www.w3.org/TR/trace-context/): which span this work belongs to. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
}

const pattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;

/** Undefined for what is absent or not valid: a new trace begins then. */
function parseTraceparent(value: unknown): TraceContext | undefined {
  const [, traceId = "", spanId = ""] =
    typeof value === "string" ? (pattern.exec(value) ?? []) : [];
  if (/^0*$/.test(traceId) || /^0*$/.test(spanId)) return undefined;
  return { traceId, spanId };
}

/** As sampled: whoever receives it decides what it keeps. */
export function formatTraceparent({ traceId, spanId }: TraceContext): string {
  return `00-${traceId}-${spanId}-01`;
}

export function createTraceId(): string {
  return randomHex(16);
}

export function createSpanId(): string {
  return randomHex(8);
}

function randomHex(bytes: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString("hex");
}

/** The span of a call that begins here, below the caller's where the call names one. */
export interface CallTrace {
  readonly own: TraceContext;
  readonly parentSpanId?: string;
}

/** From `_meta` of an MCP request, where `traceparent` stands as it does in HTTP headers. */
export function beginCallTrace(meta: unknown): CallTrace {
  const given = typeof meta === "object" && meta !== null && "traceparent" in meta;
  const parent = parseTraceparent(given ? meta.traceparent : undefined);
  const own = { traceId: parent?.traceId ?? createTraceId(), spanId: createSpanId() };
  return { own, ...(parent ? { parentSpanId: parent.spanId } : {}) };
}
