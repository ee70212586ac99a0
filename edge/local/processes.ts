import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** What the launcher asks the operating system about processes; Linux by /proc, others by `ps`. */

export function isRunning(pid: number): boolean {
  // Ended, and only kept until its parent asks: in containers nobody may ever ask.
  if (fields(pid)?.[0] === "Z") return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Kills a process if it is (still) a program of that name, and waits until it is gone, two seconds at most. */
export function kill(pid: number, program: string): void {
  const command = read(`/proc/${pid}/cmdline`) ?? ps(pid, "command=") ?? "";
  if (!command.includes(program) || !isRunning(pid)) return;
  process.kill(pid, "SIGKILL");
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  for (let tried = 0; tried < 200 && isRunning(pid); tried++) Atomics.wait(sleeper, 0, 0, 10);
}

/** When a process started, in whatever unit: equal means the same process. */
export function startOf(pid: number): string | undefined {
  return fields(pid)?.[19] ?? ps(pid, "lstart=");
}

/** Bytes of memory in use. */
export function memoryOf(pid: number): number {
  const status = read(`/proc/${pid}/status`);
  const kilobytes = status ? /VmRSS:\s+(\d+)/.exec(status)?.[1] : ps(pid, "rss=");
  return Number(kilobytes ?? 0) * 1024;
}

/** Milliseconds of processor time used so far; undefined where that cannot be told quickly. */
export function processorTimeOf(pid: number): number | undefined {
  const stat = fields(pid);
  // Clock ticks of 10 ms: 100 a second on every Linux that Node runs on.
  return stat ? (Number(stat[11]) + Number(stat[12])) * 10 : undefined;
}

/** How many files, folders and connections it holds open; undefined where that cannot be told quickly. */
export function openFilesOf(pid: number): number | undefined {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return undefined;
  }
}

export function childrenOf(pid: number): number[] {
  if (process.platform !== "linux") {
    return (run("pgrep", ["-P", String(pid)]) ?? "").split(/\s+/).filter(Boolean).map(Number);
  }
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  return all.filter((each) => fields(each)?.[1] === String(pid));
}

/** The child that carries this variable; where environments cannot be read, the first of that program. */
export function childWith(variable: string, program: string): number | undefined {
  const children = childrenOf(process.pid);
  if (process.platform !== "linux") {
    return children.find((pid) => ps(pid, "command=")?.includes(`${program} serve --binary`));
  }
  return children.find((pid) => read(`/proc/${pid}/environ`)?.split("\0").includes(variable));
}

/** The fields of /proc/<pid>/stat after the name, which may hold spaces itself. */
function fields(pid: number): string[] | undefined {
  return read(`/proc/${pid}/stat`)?.split(") ").at(-1)?.split(" ");
}

function ps(pid: number, field: string): string | undefined {
  return process.platform === "linux" ? undefined : run("ps", ["-o", field, "-p", String(pid)]);
}

function run(program: string, parameters: string[]): string | undefined {
  try {
    return execFileSync(program, parameters, { encoding: "utf8" }).trim() || undefined;
  } catch {
    return undefined;
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
