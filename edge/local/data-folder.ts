import { createHash, randomBytes } from "node:crypto";
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { ConfigurationError } from "#blueprints/error";
import { isRunning, kill, startOf } from "#edge/local/processes";

/** Everything that the local server keeps. A copy of it, made while the server is stopped, is a backup. */
export interface DataFolder {
  readonly folder: string;
  /** Databases, Durable Objects, key-value. */
  readonly state: string;
  /** The keyring, as the binding AEROSTACK_MASTER_KEYS takes it. */
  readonly masterKeys: string;
  readonly accountKey: string;
  readonly keyFile: string;
  /** Notes the processes that belong to this server, so that the next one finds what a crash left. */
  readonly note: (pids: readonly number[]) => void;
  readonly release: () => void;
}

interface Lock {
  readonly pid: number;
  /** Start time of the process, so that a number that was used again is not taken for it. */
  readonly start: string | undefined;
  readonly children: readonly number[];
}

/**
 * Opens the folder for this process alone; makes it, with keys, when it is not there.
 * @throws ConfigurationError `data.unusable`, `data.in-use`, `data.broken-keys`
 */
export function openDataFolder(folder: string): DataFolder {
  makeUsable(folder);
  const lockFile = path.join(folder, "server.lock");
  takeLock(lockFile, folder);
  try {
    const keyFile = path.join(folder, "account.key");
    const masterFile = path.join(folder, "master-keys.json");
    const masterKeys = readOrMake(masterFile, makeKeyring).trim();
    const accountKey = readOrMake(keyFile, makeAccountKey).trim();
    if (!isKeyring(masterKeys)) throw brokenKeys(masterFile);
    if (!/^ak_[A-Za-z0-9_-]{20,}$/.test(accountKey)) throw brokenKeys(keyFile);
    return {
      folder,
      state: path.join(folder, "state"),
      masterKeys,
      accountKey,
      keyFile,
      note: (children) => writeFileSync(lockFile, JSON.stringify({ ...ownLock(), children })),
      release: () => rmSync(lockFile, { force: true }),
    };
  } catch (error) {
    rmSync(lockFile, { force: true });
    throw error;
  }
}

/** What the platform knows of a key. */
export function hashKey(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

function makeUsable(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!statSync(folder).isDirectory())
      throw new ConfigurationError("data.unusable", "not a folder");
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    writeFileSync(path.join(folder, ".writable"), "");
    rmSync(path.join(folder, ".writable"));
  } catch (error) {
    throw new ConfigurationError(
      "data.unusable",
      `The data folder ${folder} cannot be used: ${reasonOf(error)}.`,
      {
        fix: "Make it a folder that you may write to, or name another one with AEROSTACK_DATA.",
        cause: error,
      },
    );
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const reasons: Record<string, string> = {
    EEXIST: "there is a file of that name",
    ENOTDIR: "a part of its path is a file",
    EACCES: "permission is denied",
    EPERM: "permission is denied",
    EROFS: "the file system is read-only",
    ENOSPC: "the disk is full",
  };
  return reasons[code] ?? (error instanceof Error ? error.message : String(error));
}

function takeLock(file: string, folder: string): void {
  for (;;) {
    try {
      return writeFileSync(file, JSON.stringify(ownLock()), { flag: "wx", mode: 0o600 });
    } catch (error) {
      if (!existsSync(file)) throw error;
    }
    const lock = readLock(file);
    if (lock && isRunning(lock.pid) && startOf(lock.pid) === lock.start) {
      throw new ConfigurationError(
        "data.in-use",
        `The data folder ${folder} is in use by another Aerostack (process ${lock.pid}).`,
        { fix: `Stop that one (kill ${lock.pid}), or name another folder with AEROSTACK_DATA.` },
      );
    }
    for (const child of lock?.children ?? []) kill(child, "workerd");
    rmSync(file, { force: true });
  }
}

function ownLock(): Lock {
  return { pid: process.pid, start: startOf(process.pid), children: [] };
}

function readLock(file: string): Lock | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Lock;
  } catch {
    return undefined;
  }
}

function readOrMake(file: string, make: () => string): string {
  if (!existsSync(file)) writeFileSync(file, `${make()}\n`, { mode: 0o600, flag: "wx" });
  chmodSync(file, 0o600);
  return readFileSync(file, "utf8");
}

function makeKeyring(): string {
  return JSON.stringify({ current: "k1", keys: { k1: randomBytes(32).toString("base64") } });
}

function makeAccountKey(): string {
  return `ak_${randomBytes(32).toString("base64url")}`;
}

function isKeyring(text: string): boolean {
  try {
    const { current, keys } = JSON.parse(text) as { current: string; keys: Record<string, string> };
    return Buffer.from(keys[current] ?? "", "base64").length === 32;
  } catch {
    return false;
  }
}

function brokenKeys(file: string): ConfigurationError {
  return new ConfigurationError(
    "data.broken-keys",
    `The file ${file} is not what Aerostack wrote.`,
    {
      fix: "Restore it from a backup: without the master keys no stored secret can be read. In a folder with nothing to lose, delete the folder.",
    },
  );
}
