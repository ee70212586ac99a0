import { handlesByName } from "#edge/isolates/handles";
import {
  aerostackSource,
  functionSource,
  insideHash,
  outboundSource,
} from "#edge/isolates/inside.generated";
import type {
  CompiledCode,
  FunctionRecord,
  IsolateGrant,
  IsolateLimits,
  Stub,
} from "#edge/isolates/isolate";

/** All that it takes to load an isolate; goes to the sandbox process as JSON. */
export interface IsolateOrder {
  /** Code, grant and period: calls with the same id may share an isolate. */
  readonly id: string;
  /** Of the code. */
  readonly hash: string;
  /** Sealed grant, for the platform's egress. */
  readonly ticket: string;
  readonly secrets: readonly string[];
  /** Of the handles that the code gets; the ticket's grant has the same. */
  readonly handleTag: string;
  readonly limits: IsolateLimits;
  /** A test: its outside calls end here. */
  readonly test?: { readonly grant: IsolateGrant; readonly stubs: readonly Stub[] };
}

/** What `Call.run` inside the isolate answers. */
export type InsideAnswer = Pick<FunctionRecord, "logs" | "outsideCalls"> &
  (
    | { readonly ok: true; readonly json: string }
    | { readonly ok: false; readonly error: { code: string; message: string; fix?: string } }
  );

interface InsideCall {
  run(call: {
    input: unknown;
    secrets: Record<string, string>;
    outputBytes: number;
  }): Promise<InsideAnswer>;
}

/** The isolate for an order: the one that runs already, or a new one. */
export function loadIsolate(
  loader: WorkerLoader,
  order: IsolateOrder,
  code: () => CompiledCode,
  outbound: Fetcher,
): WorkerStub {
  return loader.get(`${order.id}.${insideHash}`, () => {
    const modules: Record<string, WorkerLoaderModule> = {
      "aerostack-main": { js: functionSource },
      "aerostack-outbound": { js: outboundSource },
      aerostack: { js: aerostackSource },
    };
    for (const [name, source] of Object.entries(code().modules)) modules[name] = { js: source };
    return {
      compatibilityDate: "2026-08-01",
      compatibilityFlags: ["nodejs_compat"],
      mainModule: "aerostack-main",
      modules,
      env: { SECRETS: handlesByName(order.secrets, order.handleTag) },
      limits: { cpuMs: order.limits.cpuMs, subRequests: 50 },
      globalOutbound: outbound,
    };
  });
}

/** Calls the function; code that cannot even be loaded is an answer too. */
export async function callIsolate(
  isolate: WorkerStub,
  order: IsolateOrder,
  input: unknown,
): Promise<InsideAnswer> {
  const entrypoint = isolate.getEntrypoint("Call") as unknown as InsideCall;
  const secrets = handlesByName(order.secrets, order.handleTag);
  try {
    return await entrypoint.run({ input, secrets, outputBytes: order.limits.outputBytes });
  } catch (error) {
    return { ok: false, error: loadFailure(error), logs: [], outsideCalls: [] };
  }
}

/** One HTTP request to a hosted server. */
export async function fetchIsolate(isolate: WorkerStub, request: Request): Promise<Response> {
  try {
    return await isolate.getEntrypoint().fetch(request);
  } catch (error) {
    const headers = { "aerostack-isolate": "failed" };
    return Response.json({ error: loadFailure(error) }, { status: 500, headers });
  }
}

function loadFailure(error: unknown) {
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: "code.failed",
    message: `The code could not be run: ${message.slice(0, 1000)}`,
    fix: "Correct the code; nothing outside a function may throw, fetch or set timers.",
  };
}
