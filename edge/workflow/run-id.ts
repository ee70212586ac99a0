import { createId } from "#edge/id";

/**
 * A run's id says where it is: `run_`, 26 characters of its own, 10 of its shard. One without a shard,
 * as all were until November 2026, has an object of its own.
 */
const pattern = /^run_[0-9a-z]{26}(?:[0-9a-z]{10})?$/;
const shardLength = 10;
const ownLength = "run_".length + 26;

/** After so many runs, or milliseconds, a workspace gets another shard. */
const runsOfShard = 1_000;
const shardLastsMs = 3_600_000;

/** Digits of ids, as in ULIDs. */
const digits = "0123456789abcdefghjkmnpqrstvwxyz";

interface OpenShard {
  readonly token: string;
  readonly until: number;
  left: number;
}

/** By workspace, in this isolate; the oldest leaves first. */
const open = new Map<string, OpenShard>();
const openAtMost = 1_000;

export function isRunId(text: string): boolean {
  return pattern.test(text);
}

/** Name of the object that holds a run. */
export function shardOf(id: string): string {
  return tokenOf(id) ?? id;
}

function tokenOf(id: string): string | undefined {
  return id.length > ownLength ? id.slice(ownLength) : undefined;
}

/**
 * An id in the shard that this isolate fills for the workspace now. Runs share an object so that they
 * share a file, its commits and its alarm; no two workspaces share one.
 */
export function createRunId(workspaceId: string, now: number): string {
  const known = open.get(workspaceId);
  const shard = known && known.left > 0 && now < known.until ? known : openShard(workspaceId, now);
  shard.left -= 1;
  return createId("run", now) + shard.token;
}

function openShard(workspaceId: string, now: number): OpenShard {
  const token = createId("run", now).slice(-shardLength);
  const shard = { token, until: now + shardLastsMs, left: runsOfShard };
  open.delete(workspaceId);
  open.set(workspaceId, shard);
  const [oldest] = open.keys();
  if (open.size > openAtMost && oldest !== undefined) open.delete(oldest);
  return shard;
}

/**
 * The id that these parts always lead to: who asks twice joins one run. `of` is what the run belongs
 * to: beside the run of that id, or in one of 32 shards of that workspace, webhook or conversation.
 */
export async function runIdOf(kind: string, of: string, ...parts: string[]): Promise<string> {
  const own = await digitsOf(kind, of, ...parts);
  const beside = isRunId(of) ? tokenOf(of) : undefined;
  const shard = beside ?? (await digitsOf(kind, of)).slice(0, shardLength - 1) + own.slice(26, 27);
  return `run_${own.slice(0, 26)}${shard}`;
}

/** 32 digits of the parts' SHA-256. */
async function digitsOf(...parts: readonly string[]): Promise<string> {
  const text = new TextEncoder().encode(JSON.stringify(parts));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", text));
  return Array.from(digest, (byte) => digits[byte % 32]).join("");
}
