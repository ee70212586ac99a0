import { AerostackError, type ErrorKind, toWireError } from "./error.ts";

/**
 * A result that crosses an RPC border. Durable Object RPC drops the fields of a thrown error, so
 * expected failures travel as values: the object answers `attempt(...)`, the caller `unwrap`s.
 */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: SerializedError };

export interface SerializedError {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly message: string;
  readonly fix?: string;
  readonly status: number;
  readonly retryAfterMs?: number;
  readonly details?: Readonly<Record<string, unknown>>;
}

export function serializeError(error: unknown): SerializedError {
  if (!(error instanceof AerostackError))
    return { kind: "bug", status: 500, ...toWireError(error) };
  return {
    kind: error.kind,
    status: error.status,
    ...toWireError(error),
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
  };
}

export function deserializeError(error: SerializedError): AerostackError {
  return new AerostackError(error.kind, error.code, error.message, error);
}

/** Runs `work`; a thrown error becomes a failed outcome. */
export async function attempt<T>(work: () => T | Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, error: serializeError(error) };
  }
}

/** The value, or the failure thrown as the error it was. */
export function unwrap<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw deserializeError(outcome.error);
}
