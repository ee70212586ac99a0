import type { Env } from "#edge/env";
import type { CompiledCode, IsolateGrant, IsolateLimits, Stub } from "#edge/isolates/isolate";
import type { IsolateOrder } from "#edge/isolates/loader";
import { sealTicket } from "#edge/isolates/ticket";

/** Isolates are renewed with the hour, so that no ticket needs to live longer than two. */
const periodMs = 3_600_000;

const known = new Map<string, IsolateOrder>();

/**
 * The order for a call. Equal code under an equal grant shares an isolate within the hour; another
 * workspace, another host list or a test never does.
 */
export async function createOrder(
  env: Env,
  request: {
    readonly code: CompiledCode;
    readonly grant: IsolateGrant;
    readonly limits: IsolateLimits;
    readonly stubs?: readonly Stub[];
    readonly now: number;
  },
): Promise<IsolateOrder> {
  const { code, limits, now } = request;
  const { workspaceId, egress, secrets, mode, toolRun } = request.grant;
  const wanted = {
    workspaceId,
    egress: [...egress].sort(),
    secrets: [...secrets].sort(),
    mode,
    ...(toolRun === undefined ? {} : { toolRun }),
  };
  const period = Math.floor(now / periodMs);
  const name = JSON.stringify([code.hash, wanted, limits, period, env.AEROSTACK_MASTER_KEYS]);
  const cached = known.get(name);
  if (cached) return cached;
  // Whoever loads this isolate after a restart must come to the same; the master keys make it secret.
  const handleTag = await shortHash(`handles ${name}`);
  const grant = { ...wanted, handleTag };
  const ticket = await sealTicket(env, { grant, expiresAt: (period + 2) * periodMs });
  const id = `${code.hash}.${await shortHash(name)}`;
  const order = { id, hash: code.hash, ticket, secrets: grant.secrets, handleTag, limits };
  if (mode === "test") {
    return {
      ...order,
      id: `${id}.${crypto.randomUUID()}`,
      test: { grant, stubs: request.stubs ?? [] },
    };
  }
  // A run of its own is never met again.
  if (toolRun !== undefined) return order;
  if (known.size >= 1000) known.clear();
  known.set(name, order);
  return order;
}

async function shortHash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Buffer.from(digest, 0, 16).toString("hex");
}
