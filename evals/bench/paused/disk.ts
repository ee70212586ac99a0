import { readdir, stat } from "node:fs/promises";
import path from "node:path";

/** What the files in a folder take of the disk. */
export async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  let bytes = 0;
  for (const entry of entries.filter((one) => one.isFile())) {
    const { blocks } = await stat(path.join(entry.parentPath, entry.name));
    bytes += blocks * 512;
  }
  return bytes;
}
