import { setTimeout as delay } from "node:timers/promises";
import type { SandboxStatus } from "#edge/isolates/sandbox-place";
import { memoryOf, processorTimeOf } from "#edge/local/processes";
import {
  type SandboxProcess,
  type SandboxSettings,
  startSandboxProcess,
} from "#edge/local/sandbox-process";

/** Milliseconds and bytes. */
export const watch = {
  every: 100,
  /** Without an answer this long, and busy all the while: an endless loop. */
  busySilence: 600,
  /** Without an answer this long, for whatever reason. */
  silence: 5000,
  /** workerd's own heap ends at about 1.4 GB, with the whole process. */
  memory: 800_000_000,
  /** More than this during a silence: it was filling memory. */
  growth: 100_000_000,
};

export interface Sandbox {
  /** Stays the same over restarts. */
  readonly port: number;
  pid(): number;
  stop(): Promise<void>;
}

/** Keeps one sandbox process running: kills it when it hangs or grows too large, and starts it again. */
export async function superviseSandbox(
  settings: SandboxSettings,
  changed: () => void,
): Promise<Sandbox> {
  const stop = new AbortController();
  let status: SandboxStatus = { generation: 1 };
  let current = await startSandboxProcess(settings, status, 0);
  const { port } = current;
  const supervise = async () => {
    while (!stop.signal.aborted) {
      const ended = await watchProcess(current, stop.signal);
      if (stop.signal.aborted) return;
      settings.log(`The sandbox is started again (${ended}).`);
      current.kill();
      await current.exited;
      status = { generation: status.generation + 1, ended };
      current = await restart(settings, status, port);
      changed();
    }
  };
  const supervision = supervise();
  return {
    port,
    pid: () => current.pid,
    stop: async () => {
      stop.abort();
      current.kill();
      await current.exited;
      await supervision;
    },
  };
}

async function restart(
  settings: SandboxSettings,
  status: SandboxStatus,
  port: number,
): Promise<SandboxProcess> {
  for (let tried = 1; ; tried++) {
    try {
      return await startSandboxProcess(settings, status, port);
    } catch (error) {
      if (tried === 20) throw error;
      await delay(100);
    }
  }
}

/** Resolves with the reason as soon as the process must be replaced. */
async function watchProcess(
  sandbox: SandboxProcess,
  stop: AbortSignal,
): Promise<NonNullable<SandboxStatus["ended"]>> {
  let gone = false;
  void sandbox.exited.then(() => (gone = true));
  let largest = 0;
  let answered = Date.now();
  let processorAtAnswer = processorTimeOf(sandbox.pid);
  let memoryAtAnswer = memoryOf(sandbox.pid);
  let asking = false;
  const ask = async () => {
    asking = true;
    const answer = await fetch(`http://127.0.0.1:${sandbox.port}/status`).catch(() => undefined);
    await answer?.text();
    asking = false;
    if (!answer) return;
    answered = Date.now();
    processorAtAnswer = processorTimeOf(sandbox.pid);
    memoryAtAnswer = memoryOf(sandbox.pid);
  };
  while (!stop.aborted) {
    if (gone) return largest > watch.memory / 2 ? "memory" : "exit";
    if (!asking) void ask();
    await Promise.race([delay(watch.every), sandbox.exited]);
    const memory = memoryOf(sandbox.pid);
    largest = Math.max(largest, memory);
    if (memory > watch.memory) return "memory";
    const silence = Date.now() - answered;
    const busy = (processorTimeOf(sandbox.pid) ?? Infinity) - (processorAtAnswer ?? 0);
    if (silence > watch.silence) return "hang";
    if (silence > watch.busySilence && busy > watch.busySilence * 0.6) {
      // Filling memory keeps the processor busy too; a loop that keeps nothing does not grow.
      return memory - memoryAtAnswer > watch.growth ? "memory" : "hang";
    }
  }
  return "exit";
}
