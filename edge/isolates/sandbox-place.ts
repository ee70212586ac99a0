import { UpstreamError } from "#blueprints/error";
import { hang, interrupted, memoryLimit, requestTooLarge } from "#edge/isolates/failures";
import { forwarded } from "#edge/isolates/forwarded";
import type { CompiledCode } from "#edge/isolates/isolate";
import type { InsideAnswer } from "#edge/isolates/loader";
import type { Place, PlacedCall, PlacedRequest } from "#edge/isolates/place";
import { readBytes } from "#edge/isolates/streams";

/** What the sandbox says about itself; the launcher hands it to each new process. */
export interface SandboxStatus {
  /** Counts the starts. */
  readonly generation: number;
  /** Why the process before this one ended; absent for the first. */
  readonly ended?: "hang" | "memory" | "exit";
}

/** The process that answered last; 0: ask before the next call. */
let generation = 0;
/** Calls that a process took along when it died: a single one is the guilty one. */
const lost = { generation: 0, calls: 0 };

/** Calls that died in company are made again one by one. Held until then (milliseconds since 1970). */
const trial = { heldUntil: 0 };

const triesMax = 4;

/**
 * The sandbox process, seen from the platform. It may be killed under any call: one that was alone
 * is guilty and gets the clear error; one that had neighbours is made again where that is safe.
 */
export function createSandboxPlace(sandbox: Fetcher, key: string): Place {
  const send = (path: string, init: RequestInit, headers: Record<string, string> = {}) =>
    sandbox.fetch(`http://sandbox${path}`, {
      ...init,
      method: "POST",
      headers: { ...headers, [forwarded.key]: key },
    });

  /** Sends once more with the code when the sandbox does not know it. */
  const withCode = async (code: CompiledCode, attempt: () => Promise<Response>) => {
    const first = await attempt();
    if (first.status !== 428) return first;
    await send("/code", { body: JSON.stringify(code) });
    return attempt();
  };

  return {
    call: ({ order, code, input, repeatable, signal }: PlacedCall) =>
      survive({ sandbox, repeatable, signal }, async () => {
        const body = JSON.stringify({ order, input });
        const response = await withCode(code, () => send("/call", { body, signal }));
        return response.json<InsideAnswer>();
      }),
    fetch: async ({ order, code, request, signal }: PlacedRequest) => {
      const body = (await readBytes(request.body, 10_000_000)) ?? null;
      if (body === "too-large") throw requestTooLarge();
      const headers = {
        ...Object.fromEntries(request.headers),
        [forwarded.order]: encodeURIComponent(JSON.stringify(order)),
        [forwarded.url]: request.url,
        [forwarded.method]: request.method,
      };
      return survive({ sandbox, repeatable: false, signal }, () =>
        withCode(code, () => send("/serve", { body, signal }, headers)),
      );
    },
  };
}

interface Attempt {
  readonly sandbox: Fetcher;
  readonly repeatable: boolean;
  readonly signal: AbortSignal;
}

async function survive<T>(attempt: Attempt, work: () => Promise<T>): Promise<T> {
  for (let tried = 1; tried < triesMax; tried++) {
    const result = tried === 1 ? await tryOnce(attempt, work) : await tryAlone(attempt, work);
    if (result !== "died-in-company") return result.value;
    if (!attempt.repeatable) break;
  }
  throw interrupted();
}

type Tried<T> = { value: T } | "died-in-company";

/** @throws `code.time-limit` or `code.memory-limit` when it was the only call that died */
async function tryOnce<T>({ sandbox, signal }: Attempt, work: () => Promise<T>): Promise<Tried<T>> {
  if (generation === 0) generation = (await askStatus(sandbox)).generation;
  const began = generation;
  try {
    return { value: await work() };
  } catch (error) {
    if (signal.aborted) throw error;
  }
  if (lost.generation !== began) Object.assign(lost, { generation: began, calls: 0 });
  lost.calls++;
  generation = 0;
  // Once the next process answers, every call of the dead one has been counted.
  const { generation: now, ended } = await askStatus(sandbox);
  generation = now;
  const alone = lost.generation === began && lost.calls === 1;
  if (now > began && alone) throw ended === "memory" ? memoryLimit() : hang();
  return "died-in-company";
}

/** Polls for its turn: a request must not hang on the promise of another one, which may be gone. */
async function tryAlone<T>(attempt: Attempt, work: () => Promise<T>): Promise<Tried<T>> {
  while (Date.now() < trial.heldUntil) {
    await delay(20);
    attempt.signal.throwIfAborted();
  }
  trial.heldUntil = Date.now() + 30_000;
  try {
    return await tryOnce(attempt, work);
  } finally {
    trial.heldUntil = 0;
  }
}

/** Waits until a sandbox answers: the launcher has killed the old one and started another. */
async function askStatus(sandbox: Fetcher): Promise<SandboxStatus> {
  for (let tried = 0; tried < 100; tried++) {
    try {
      const signal = AbortSignal.timeout(1000);
      const response = await sandbox.fetch("http://sandbox/status", { signal });
      return await response.json<SandboxStatus>();
    } catch {
      await delay(50);
    }
  }
  throw new UpstreamError("code.sandbox-down", "The sandbox process does not answer.", {
    fix: "Restart the server; its log says why the sandbox does not start.",
    status: 503,
    retryAfterMs: 5000,
  });
}

function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
