import { exports } from "cloudflare:workers";
import { ConfigurationError } from "#blueprints/error";
import type { Env } from "#edge/env";
import type { EgressProps } from "#edge/isolates/entrypoints";
import type { CompiledCode } from "#edge/isolates/isolate";
import {
  callIsolate,
  fetchIsolate,
  type InsideAnswer,
  type IsolateOrder,
  loadIsolate,
} from "#edge/isolates/loader";
import { createSandboxPlace } from "#edge/isolates/sandbox-place";

export interface PlacedCall {
  readonly order: IsolateOrder;
  readonly code: CompiledCode;
  readonly input: unknown;
  /** May run twice when the sandbox goes down under it. */
  readonly repeatable: boolean;
  readonly signal: AbortSignal;
}

export interface PlacedRequest {
  readonly order: IsolateOrder;
  readonly code: CompiledCode;
  readonly request: Request;
  readonly signal: AbortSignal;
}

/** Where isolates run. */
export interface Place {
  call(call: PlacedCall): Promise<InsideAnswer>;
  fetch(request: PlacedRequest): Promise<Response>;
}

/** The supervised sandbox process where one is bound, else this process. */
export function placeOf(env: Env): Place {
  if (env.SANDBOX) return createSandboxPlace(env.SANDBOX, env.SANDBOX_KEY ?? "");
  if (env.LOADER) return createLoaderPlace(env.LOADER);
  throw new ConfigurationError("platform.no-isolates", "Nothing is bound that could run code.", {
    fix: "Bind a worker loader as LOADER in wrangler.toml.",
  });
}

function createLoaderPlace(loader: WorkerLoader): Place {
  const load = (order: IsolateOrder, code: CompiledCode) => {
    const props: EgressProps = { ticket: order.ticket, stubs: order.test?.stubs ?? [] };
    const loopback = exports as unknown as { Egress(options: { props: EgressProps }): Fetcher };
    return loadIsolate(loader, order, () => code, loopback.Egress({ props }));
  };
  return {
    call: ({ order, code, input }) => callIsolate(load(order, code), order, input),
    fetch: ({ order, code, request }) => fetchIsolate(load(order, code), request),
  };
}
