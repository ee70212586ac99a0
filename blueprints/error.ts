/**
 * What can go wrong, by who must act. The kind decides the HTTP status, whether it is retried and
 * whether it is reported; nothing ever looks at the message text.
 *
 * `code` is static (safe for logs), `message` quotes the offending value, `fix` is an imperative.
 */
export type ErrorKind = "input" | "configuration" | "upstream" | "bug";

/** The only form in which an error leaves the platform. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly fix?: string;
  readonly run_id?: string;
  /** JSON beside the sentence: the issues of a blueprint, the links where secrets are entered. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface ErrorOptions {
  /** An imperative sentence: what the reader does next. */
  readonly fix?: string;
  /** HTTP status, where the kind's own (400, 409, 502, 500) is not the right one. */
  readonly status?: number;
  readonly cause?: unknown;
  /** Present: a later attempt may succeed, at the earliest after this many milliseconds. */
  readonly retryAfterMs?: number;
  /** JSON for the reader, beside the sentence; no secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
}

const statusOf: Record<ErrorKind, number> = {
  input: 400,
  configuration: 409,
  upstream: 502,
  bug: 500,
};

/** The base; throw one of its four children. */
export class AerostackError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly fix: string | undefined;
  readonly status: number;
  /** Milliseconds to wait before another attempt; undefined: terminal, do not retry. */
  readonly retryAfterMs: number | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(kind: ErrorKind, code: string, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AerostackError";
    this.kind = kind;
    this.code = code;
    this.fix = options.fix;
    this.status = options.status ?? statusOf[kind];
    this.retryAfterMs = options.retryAfterMs;
    this.details = options.details;
  }
}

/** The caller sent something that cannot work; terminal. */
export class InputError extends AerostackError {
  constructor(code: string, message: string, options?: ErrorOptions) {
    super("input", code, message, options);
  }
}

/** A setting, secret or link is missing or wrong; terminal until a person or agent changes it. */
export class ConfigurationError extends AerostackError {
  constructor(code: string, message: string, options?: ErrorOptions) {
    super("configuration", code, message, options);
  }
}

/** Somebody else's server failed. Give `retryAfterMs` when another attempt may succeed. */
export class UpstreamError extends AerostackError {
  constructor(code: string, message: string, options?: ErrorOptions) {
    super("upstream", code, message, options);
  }
}

/** Ours. The caller sees a code and an id, never the message of the cause. */
export class BugError extends AerostackError {
  constructor(code: string, message: string, options?: ErrorOptions) {
    super("bug", code, message, options);
  }
}

/** What leaves: `{code, message, fix?, details?}`; anything unknown becomes `internal` without details. */
export function toWireError(error: unknown): WireError {
  if (error instanceof AerostackError) {
    return {
      code: error.code,
      message: error.message,
      ...(error.fix ? { fix: error.fix } : {}),
      ...(error.details ? { details: error.details } : {}),
    };
  }
  return { code: "internal", message: "Something failed inside the platform." };
}
