import { WorkerEntrypoint } from "cloudflare:workers";
import { AerostackError, InputError } from "#blueprints/error";
import { serializeError } from "#blueprints/outcome";
import type { Env } from "#edge/env";
import { egressFetch } from "#edge/isolates/egress";
import { forwarded } from "#edge/isolates/forwarded";
import type { Stub } from "#edge/isolates/isolate";
import { openTicket } from "#edge/isolates/ticket";

/** What an isolate in this process sees as the network; sealed into it when it is loaded. */
export interface EgressProps {
  readonly ticket: string;
  readonly stubs: readonly Stub[];
}

export class Egress extends WorkerEntrypoint<Env, EgressProps> {
  override async fetch(request: Request): Promise<Response> {
    const { ticket, stubs } = this.ctx.props;
    return answer(async () => {
      const grant = await openTicket(this.env, ticket, Date.now());
      return egressFetch(this.env, grant, request, stubs);
    });
  }
}

/**
 * Where the sandbox process sends the requests of its isolates: a socket of its own on loopback,
 * not a public route. The key keeps other programs of the machine out, the ticket says what may leave.
 */
export class SandboxEgress extends WorkerEntrypoint<Env> {
  override async fetch(request: Request): Promise<Response> {
    return answer(async () => {
      const headers = new Headers(request.headers);
      const [key, ticket, url] = [forwarded.key, forwarded.ticket, forwarded.url].map((name) => {
        const value = headers.get(name) ?? "";
        headers.delete(name);
        return value;
      }) as [string, string, string];
      if (!isSame(key, this.env.SANDBOX_KEY ?? "")) {
        throw new InputError("http.not-found", "There is nothing here.", { status: 404 });
      }
      const grant = await openTicket(this.env, ticket, Date.now());
      const { method, body, signal } = request;
      return egressFetch(this.env, grant, new Request(url, { method, headers, body, signal }));
    });
  }
}

/** Compares in a time that says nothing about where the two differ. */
function isSame(given: string, expected: string): boolean {
  const [a, b] = [given, expected].map((text) => new TextEncoder().encode(text)) as [
    Uint8Array,
    Uint8Array,
  ];
  return b.length > 0 && a.length === b.length && crypto.subtle.timingSafeEqual(a, b);
}

/** A refusal goes back as a marked answer, which the isolate turns into an exception with code and fix. */
async function answer(work: () => Promise<Response>): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    const status = error instanceof AerostackError ? error.status : 500;
    const headers = { "aerostack-egress": "refused" };
    return Response.json({ error: serializeError(error) }, { status, headers });
  }
}
