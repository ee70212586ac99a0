import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { ConfigurationError } from "#blueprints/error";
import type { SandboxStatus } from "#edge/isolates/sandbox-place";
import { sandboxFile } from "#edge/local/build";

export interface SandboxSettings {
  /** Port of the platform's egress socket on loopback. */
  readonly egressPort: number;
  /** Shared with the platform only. */
  readonly key: string;
  readonly allowHosts: string;
  readonly log: (line: string) => void;
}

export interface SandboxProcess {
  readonly pid: number;
  readonly port: number;
  readonly exited: Promise<void>;
  kill(): void;
}

/** The very workerd that Miniflare runs the platform on. */
const miniflareRequire = createRequire(import.meta.resolve("miniflare"));
const { default: workerd } = miniflareRequire("workerd") as { default: string };

/** One workerd that holds nothing but the loader; its only network is the platform's egress. */
export async function startSandboxProcess(
  settings: SandboxSettings,
  status: SandboxStatus,
  port: number,
): Promise<SandboxProcess> {
  const folder = mkdtempSync(path.join(tmpdir(), "aerostack-"));
  const file = path.join(folder, "sandbox.capnp");
  writeFileSync(file, configuration(settings, status, port), { mode: 0o600 });
  try {
    const parameters = ["serve", file, "--experimental", "--control-fd=3", `--import-path=/`];
    const child = spawn(workerd, parameters, { stdio: ["ignore", "ignore", "pipe", "pipe"] });
    const exited = once(child, "exit").then(() => undefined);
    createInterface({ input: child.stderr! }).on("line", (line) =>
      settings.log(`sandbox: ${line}`),
    );
    const listening = await Promise.race([portOf(child), exited]);
    if (listening === undefined || child.pid === undefined) {
      throw new ConfigurationError("sandbox.no-start", "The sandbox process did not start.", {
        fix: "Run `npm ci`, then start again; the log says what workerd reported.",
      });
    }
    const end = () => void child.kill("SIGKILL");
    // Whatever ends the launcher, its child does not outlive it.
    process.once("exit", end);
    void exited.then(() => process.off("exit", end));
    return { pid: child.pid, port: listening, exited, kill: end };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** workerd reports each socket that it listens on as a JSON line. */
async function portOf(child: ChildProcess): Promise<number> {
  const control = child.stdio[3] as Readable;
  for await (const line of createInterface({ input: control })) {
    const message = JSON.parse(line) as { event: string; port?: number };
    if (message.event === "listen" && message.port) return message.port;
  }
  return new Promise(() => undefined);
}

function configuration(settings: SandboxSettings, status: SandboxStatus, port: number): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "sandbox", worker = .sandbox),
    (name = "platform", external = (address = "127.0.0.1:${settings.egressPort}", http = ())),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "sandbox")],
);
const sandbox :Workerd.Worker = (
  modules = [(name = "sandbox.js", esModule = embed ${JSON.stringify(sandboxFile)})],
  compatibilityDate = "2026-08-01",
  compatibilityFlags = ["nodejs_compat"],
  globalOutbound = "platform",
  bindings = [
    (name = "LOADER", workerLoader = ()),
    (name = "PLATFORM", service = "platform"),
    ${text("SANDBOX_KEY", settings.key)},
    ${text("STATUS", JSON.stringify(status))},
    ${text("AEROSTACK_ALLOW_HOSTS", settings.allowHosts)},
  ],
);
`;
}

function text(name: string, value: string): string {
  return `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(value)})`;
}
