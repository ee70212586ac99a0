import { readFileSync, readlinkSync } from "node:fs";
import { memoryOf } from "#edge/local/processes";

/**
 * Bytes of memory in use by processes together. What they share is counted once: a database's children
 * all map the same buffers, and the same program. Where the system does not tell, it is counted each time.
 */
export function memoryOfAll(pids: readonly number[]): number {
  const shared = new Map<string, number>();
  let own = 0;
  for (const pid of pids) {
    const parts = partsOf(pid);
    own += parts?.own ?? memoryOf(pid);
    if (!parts) continue;
    for (const [name, bytes] of [
      [parts.program, parts.files],
      [`${parts.program} shared`, parts.shared],
    ] as const) {
      shared.set(name, Math.max(bytes, shared.get(name) ?? 0));
    }
  }
  return own + [...shared.values()].reduce((total, bytes) => total + bytes, 0);
}

/** Of one process, by /proc; undefined on systems without. */
function partsOf(pid: number) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const bytesOf = (field: string) =>
      Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) * 1024;
    return {
      program: readlinkSync(`/proc/${pid}/exe`),
      own: bytesOf("RssAnon"),
      files: bytesOf("RssFile"),
      shared: bytesOf("RssShmem"),
    };
  } catch {
    return undefined;
  }
}
