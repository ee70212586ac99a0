import { AsyncLocalStorage } from "node:async_hooks";

/** Runs inside the isolate, before the author's module: sees every log line and outgoing request of a call. */
export interface CallRecord {
  readonly logs: string[];
  logCharacters: number;
  readonly outsideCalls: { method: string; url: string; status?: number; body?: string }[];
}

/** The platform's own error, whole: who must act, and whether a later attempt may succeed. */
interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly fix?: string;
}

const records = new AsyncLocalStorage<CallRecord>();
const refusals = new WeakMap<object, Refusal>();

export function recordCall<T>(record: CallRecord, work: () => T): T {
  return records.run(record, work);
}

/** What the egress said, when this very error is one of its refusals. */
export function refusalOf(error: unknown) {
  return typeof error === "object" && error ? refusals.get(error) : undefined;
}

export function log(...parts: unknown[]): void {
  const record = records.getStore();
  if (!record || record.logs.length >= 200 || record.logCharacters > 64_000) return;
  const line = parts.map(print).join(" ").slice(0, 2000);
  record.logCharacters += line.length;
  record.logs.push(record.logs.length === 199 ? "(more lines were dropped)" : line);
}

function print(part: unknown): string {
  if (typeof part === "string") return part;
  if (part instanceof Error) return String(part);
  try {
    return JSON.stringify(part) ?? String(part);
  } catch {
    return String(part);
  }
}

for (const level of ["log", "info", "warn", "error", "debug"] as const) console[level] = log;

const fetchOutside = globalThis.fetch;
globalThis.fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
  const request = new Request(input, init);
  const call: CallRecord["outsideCalls"][number] = { method: request.method, url: request.url };
  if (typeof init?.body === "string") call.body = init.body.slice(0, 10_000);
  const calls = records.getStore()?.outsideCalls;
  if (calls && calls.length < 100) calls.push(call);
  const response = await fetchOutside(request);
  if (response.headers.get("aerostack-egress") === "refused") {
    const { error } = await response.json<{ error: Refusal }>();
    const thrown = Object.assign(new Error(`${error.code}: ${error.message}`), error);
    refusals.set(thrown, error);
    throw thrown;
  }
  call.status = response.status;
  return response;
};
