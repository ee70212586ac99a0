import { UpstreamError } from "#blueprints/error";
import { hang, interrupted, memoryLimit, requestTooLarge } from "#edge/isolates/failures";
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

/** Calls that are in the sandbox now: the only one inside when it dies is the guilty one. */
let inside = 0;
/** The process that answered last; 0: ask before the next call. */
let generation = 0;

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
      headers: { ...headers, "aerostack-sandbox-key": key },
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
        "aerostack-order": encodeURIComponent(JSON.stringify(order)),
        "aerostack-url": request.url,
        "aerostack-method": request.method,
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

async function survive<T>({ sandbox, repeatable, signal }: Attempt, work: () => Promise<T>) {
  for (let tried = 1; ; tried++) {
    if (generation === 0) generation = (await askStatus(sandbox)).generation;
    const began = generation;
    const failure = await enter(work);
    if ("value" in failure) return failure.value;
    if (signal.aborted) throw failure.error;
    generation = 0;
    const { generation: now, ended } = await askStatus(sandbox);
    generation = now;
    if (now > began && failure.alone) throw ended === "memory" ? memoryLimit() : hang();
    if (!repeatable || tried === triesMax) throw interrupted();
    // Those that come back together die together: spread them, so that the guilty one is alone.
    await delay(Math.random() * 200 * tried);
  }
}

async function enter<T>(
  work: () => Promise<T>,
): Promise<{ value: T } | { error: unknown; alone: boolean }> {
  inside++;
  try {
    return { value: await work() };
  } catch (error) {
    return { error, alone: inside === 1 };
  } finally {
    inside--;
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
