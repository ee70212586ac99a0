import { InputError, UpstreamError } from "#blueprints/error";

/** The ways in which an isolate ends a call, beside what the code itself throws. */
export function timeLimit(wallMs: number): InputError {
  return new InputError("code.time-limit", `The code did not finish within ${wallMs} ms.`, {
    status: 504,
    fix: "End loops, do less per call, or raise the limit of the step.",
  });
}

export function memoryLimit(): InputError {
  return new InputError("code.memory-limit", "The code used more memory than it may.", {
    status: 507,
    fix: "Work on the data in pages or as a stream, and keep less of it.",
  });
}

export function interrupted(): UpstreamError {
  return new UpstreamError(
    "code.interrupted",
    "The sandbox was restarted because of another call while this one ran.",
    { fix: "Call again if a repeated effect does no harm.", retryAfterMs: 500, status: 503 },
  );
}

/** Killed by the watchdog: it kept the processor and let nothing else run. */
export function hang(): InputError {
  return new InputError(
    "code.time-limit",
    "The code kept the processor without a pause and was stopped.",
    {
      status: 504,
      fix: "End loops, or do less per call.",
    },
  );
}

export function requestTooLarge(): InputError {
  return new InputError("code.request-too-large", "The request is larger than 10 MB.", {
    status: 413,
    fix: "Send less, or in parts.",
  });
}
