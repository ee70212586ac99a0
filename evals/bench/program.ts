import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { BugError } from "#blueprints/error";

/** Installs packages (`name@version`) into `folder`, without running any script of theirs. */
export async function installPackages(folder: string, names: readonly string[]): Promise<void> {
  const install = ["install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts"];
  await promisify(execFile)("npm", [...install, ...names]);
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const usualAttempts = 1500;
const attemptMs = 20;

/** What `ask` answers, as soon as it answers; half a minute at most, or as many attempts of 20 ms. */
export async function whenReady<T>(
  ask: () => Promise<T>,
  name: string,
  attempts = usualAttempts,
): Promise<T> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    try {
      return await ask();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, attemptMs));
    }
  }
  throw new BugError("bench.peer", `${name} did not answer.`);
}

export interface Command {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Whom it runs as; default: as this process. */
  readonly uid?: number;
  readonly gid?: number;
}

/** Another program in a process of its own, which a bench may kill and start again. */
export class Program {
  readonly #command: Command;
  #child: ChildProcess | undefined;

  constructor(command: Command) {
    this.#command = command;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  start(): void {
    const { name, file, args, env, ...owner } = this.#command;
    const options = { ...owner, stdio: "ignore" as const, env: { ...process.env, ...env } };
    this.#child = spawn(file, args, options);
    // Without a process number it did not start; said below.
    this.#child.on("error", () => undefined);
    if (this.pid === 0) throw new BugError("bench.peer", `${name} did not start.`);
  }

  /** Resolves when it is gone. */
  async kill(): Promise<void> {
    await this.#signal("SIGKILL");
  }

  /** As `kill`, but it may end what it has started itself. */
  async end(): Promise<void> {
    await this.#signal("SIGTERM");
  }

  async #signal(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, "exit");
  }
}
