import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { BugError } from "#blueprints/error";
import { projectFolder } from "#edge/local/build";
import { childrenOf } from "#edge/local/processes";
import { waitFor } from "#evals/harness/wait";

/** `workerd`: its processes, which the launcher starts again; `group`: the launcher with them. */
export type Kill = "workerd" | "group";

const secondsUntilBack = 60;

/** `npm start` in a process group of its own, on one data folder and one port for all its lives. */
export class Victim {
  readonly #folder: string;
  readonly #env: Readonly<Record<string, string>>;
  #port = 0;
  #launcher: ChildProcess | undefined;
  /** The end of what the launcher printed about failures. */
  #said = "";
  /** Resolves when the server answers (again). */
  #isBack: Promise<void> = Promise.resolve();
  readonly #end = () => this.#signal();

  constructor(folder: string, env: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.#env = env;
  }

  /** Without a trailing slash. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get accountKey(): string {
    return readFileSync(path.join(this.#folder, "account.key"), "utf8").trim();
  }

  /** Resolves while it serves; for whoever found nobody there. */
  back(): Promise<void> {
    return this.#isBack;
  }

  async start(): Promise<void> {
    this.#port = await keptPort();
    process.once("exit", this.#end);
    this.#isBack = this.#launch();
    await this.#isBack;
  }

  /** SIGKILL, and back on the same data. */
  async kill(which: Kill): Promise<void> {
    const launcher = this.#launcher;
    const before = childrenOf(launcher?.pid ?? 0);
    // Set in the same turn: who finds nobody there from now on waits for the next life.
    if (which === "group") {
      this.#signal();
      this.#isBack = this.#relaunch(launcher);
    } else {
      for (const pid of before) process.kill(pid, "SIGKILL");
      this.#isBack = this.#serves(before);
    }
    await this.#isBack;
  }

  async stop(): Promise<void> {
    process.off("exit", this.#end);
    const launcher = this.#launcher;
    if (!launcher || launcher.exitCode !== null) return;
    launcher.kill("SIGTERM");
    await once(launcher, "exit");
  }

  #signal(): void {
    const pid = this.#launcher?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // It is gone already.
    }
  }

  async #relaunch(launcher: ChildProcess | undefined): Promise<void> {
    if (launcher?.exitCode === null && launcher.signalCode === null) await once(launcher, "exit");
    await this.#launch();
  }

  async #launch(): Promise<void> {
    const launcher = spawn(process.execPath, [path.join(projectFolder, "edge/local/serve.ts")], {
      detached: true,
      env: {
        ...process.env,
        ...this.#env,
        PORT: String(this.#port),
        AEROSTACK_DATA: this.#folder,
        AEROSTACK_ALLOW_HOSTS: "127.0.0.1:*",
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#launcher = launcher;
    this.#said = "";
    launcher.stderr.on("data", (text: Buffer) => {
      this.#said = `${this.#said}${text.toString()}`.slice(-500);
    });
    // The first start has a database to make before it is of use.
    const isReady = new Promise<void>((resolve) => {
      launcher.stdout.on("data", (text: Buffer) => {
        if (text.includes("Aerostack is ready")) resolve();
      });
    });
    await Promise.race([isReady, once(launcher, "exit")]);
    await this.#serves([]);
  }

  #notBack(): BugError {
    const why = this.#said === "" ? "" : ` It said: ${this.#said}`;
    return new BugError("chaos.not-back", `The server did not come back after kill -9.${why}`);
  }

  async #serves(before: readonly number[]): Promise<void> {
    const isBack = await waitFor(async () => {
      if (this.#launcher?.exitCode !== null) throw this.#notBack();
      const now = childrenOf(this.#launcher.pid ?? 0);
      if (now.length < 2 || now.some((pid) => before.includes(pid))) return false;
      const signal = AbortSignal.timeout(2_000);
      const answer = await fetch(`${this.url}/healthz`, { signal }).catch(() => undefined);
      return answer?.ok === true;
    }, secondsUntilBack);
    if (!isBack) throw this.#notBack();
  }
}

/** A free port below those that outgoing connections get: between two lives nobody else takes it. */
async function keptPort(): Promise<number> {
  for (let port = 20_000 + (process.pid % 10_000); ; port++) {
    const probe = createServer().listen(port, "127.0.0.1");
    const isFree = await once(probe, "listening").then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    await new Promise((resolve) => probe.close(resolve));
    return port;
  }
}
