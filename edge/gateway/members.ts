import type { TokenState } from "./workspace-api.ts";
import type { UsageRow } from "./records.ts";

/** One person or program with tokens of a workspace, as it stands. */
export interface MemberState {
  readonly name: string;
  /** Of tokens that can be used. */
  readonly roles: readonly string[];
  readonly tokens: number;
  /** Tokens that were revoked or have expired. */
  readonly ended: number;
  /** Milliseconds since 1970. */
  readonly lastUsedAt?: number;
  /** Of the last 30 days. */
  readonly calls: number;
  readonly errors: number;
  readonly anomalies: readonly string[];
}

/** By name. */
export function membersOf(
  tokens: readonly TokenState[],
  usage: readonly UsageRow[],
  now: number,
): MemberState[] {
  const used = new Map(usage.map((row) => [row.key, row]));
  const byMember = Map.groupBy(tokens, ({ member }) => member);
  return [...byMember]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, own]) => {
      const valid = own.filter((one) => !one.revokedAt && (one.expiresAt ?? Infinity) > now);
      const lastUsedAt = Math.max(0, ...own.map((one) => one.lastUsedAt ?? 0));
      const row = used.get(name);
      return {
        name,
        roles: [...new Set(valid.map(({ role }) => role))],
        tokens: valid.length,
        ended: own.length - valid.length,
        ...(lastUsedAt === 0 ? {} : { lastUsedAt }),
        calls: row?.calls ?? 0,
        errors: row?.errors ?? 0,
        anomalies: row?.anomalies ?? [],
      };
    });
}
