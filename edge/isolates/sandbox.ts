import { WorkerEntrypoint, exports } from "cloudflare:workers";
import { AerostackError } from "#blueprints/error";
import { serializeError } from "#blueprints/outcome";
import { forwarded } from "#edge/isolates/forwarded";
import type { CompiledCode } from "#edge/isolates/isolate";
import { callIsolate, fetchIsolate, type IsolateOrder, loadIsolate } from "#edge/isolates/loader";
import { assertAllowed, stubFor } from "#edge/isolates/policy";

/**
 * The sandbox process: nothing but the loader. It holds no secret and no storage, its only network
 * is the platform's egress, and it may be killed at any moment.
 */
interface SandboxEnv {
  readonly LOADER: WorkerLoader;
  /** The platform's egress socket. */
  readonly PLATFORM: Fetcher;
  readonly SANDBOX_KEY: string;
  /** JSON `SandboxStatus`: counts the starts, and why the process before this one ended. */
  readonly STATUS: string;
  readonly AEROSTACK_ALLOW_HOSTS?: string;
}

interface OutboundProps {
  readonly order: Pick<IsolateOrder, "ticket" | "test">;
}

/** Code that has been here before, so that a call only names it. */
const codes = new Map<string, CompiledCode>();
const keptCodes = 500;

export class Outbound extends WorkerEntrypoint<SandboxEnv, OutboundProps> {
  override async fetch(request: Request): Promise<Response> {
    const { ticket, test } = this.ctx.props.order;
    if (test) return this.#answerTest(request.url, test);
    const headers = new Headers(request.headers);
    headers.set(forwarded.key, this.env.SANDBOX_KEY);
    headers.set(forwarded.ticket, ticket);
    headers.set(forwarded.url, request.url);
    const { method, body, signal } = request;
    return this.env.PLATFORM.fetch("http://platform/", {
      method,
      headers,
      body,
      signal,
      redirect: "manual",
    });
  }

  #answerTest(url: string, test: NonNullable<IsolateOrder["test"]>): Response {
    try {
      assertAllowed(url, test.grant, this.env);
      return stubFor(url, test.grant, test.stubs);
    } catch (error) {
      const status = error instanceof AerostackError ? error.status : 500;
      const headers = { "aerostack-egress": "refused" };
      return Response.json({ error: serializeError(error) }, { status, headers });
    }
  }
}

export default {
  async fetch(request: Request, env: SandboxEnv): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/status") return new Response(env.STATUS);
    if (request.headers.get(forwarded.key) !== env.SANDBOX_KEY) {
      return new Response(null, { status: 404 });
    }
    if (pathname === "/code") return keepCode(await request.json());
    return pathname === "/call" ? call(request, env) : serve(request, env);
  },
};

async function call(request: Request, env: SandboxEnv): Promise<Response> {
  const { order, input } = await request.json<{ order: IsolateOrder; input: unknown }>();
  const isolate = isolateFor(order, env);
  if (!isolate) return new Response(null, { status: 428 });
  return Response.json(await callIsolate(isolate, order, input));
}

/** A request for a hosted server, with the order in a header. */
async function serve(request: Request, env: SandboxEnv): Promise<Response> {
  const headers = new Headers(request.headers);
  const order = JSON.parse(decodeURIComponent(headers.get(forwarded.order) ?? "")) as IsolateOrder;
  const url = headers.get(forwarded.url) ?? "";
  const isolate = isolateFor(order, env);
  if (!isolate) return new Response(null, { status: 428 });
  const method = headers.get(forwarded.method) ?? "POST";
  for (const name of headers.keys()) if (name.startsWith("aerostack-")) headers.delete(name);
  const { signal } = request;
  const body = method === "GET" || method === "HEAD" ? null : request.body;
  return fetchIsolate(isolate, new Request(url, { method, headers, body, signal }));
}

function isolateFor(order: IsolateOrder, env: SandboxEnv): WorkerStub | undefined {
  const code = codes.get(order.hash);
  if (!code) return undefined;
  const { ticket, test } = order;
  const props = { order: test ? { ticket, test } : { ticket } };
  const loopback = exports as unknown as { Outbound(options: { props: OutboundProps }): Fetcher };
  return loadIsolate(env.LOADER, order, () => code, loopback.Outbound({ props }));
}

function keepCode(code: CompiledCode): Response {
  codes.set(code.hash, code);
  const oldest = codes.keys().next().value;
  if (codes.size > keptCodes && oldest !== undefined) codes.delete(oldest);
  return new Response(null, { status: 204 });
}
