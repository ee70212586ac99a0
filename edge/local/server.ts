import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ConfigurationError } from "#blueprints/error";
import { type Build, ensureBuild } from "#edge/local/build";
import { type DataFolder, hashKey, openDataFolder } from "#edge/local/data-folder";
import { platformPid, startPlatform } from "#edge/local/platform";
import { superviseSandbox } from "#edge/local/watchdog";

export interface ServerOptions {
  /** 0 (the default): any free one. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  readonly dataFolder: string;
  /** Private addresses that may be reached: comma-separated `host:port` patterns. */
  readonly allowHosts?: string;
  /** More text bindings: provider keys, `AEROSTACK_URL`, `AEROSTACK_MODEL`. */
  readonly env?: Readonly<Record<string, string>>;
  /** `host:port` of a server that answers for all public ones, by their `Host`: for tests. */
  readonly standIn?: string;
  readonly log?: (line: string) => void;
}

export interface RunningServer {
  /** Without a trailing slash. */
  readonly url: string;
  /** The first account's key, and the file (mode 0600) that holds it. */
  readonly accountKey: string;
  readonly keyFile: string;
  readonly dataFolder: string;
  /** Of workerd; another one after a crash. */
  readonly platformPid: number;
  readonly sandboxPid: number;
  stop(): Promise<void>;
}

/**
 * Builds where needed and serves the platform: one workerd for the Worker, one for the isolates.
 * @throws ConfigurationError `build.*`, `data.*`, `server.port-in-use`, `platform.no-start`
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const log = options.log ?? (() => undefined);
  const build = await ensureBuild(log);
  const data = openDataFolder(path.resolve(options.dataFolder));
  process.once("exit", data.release);
  try {
    const host = options.host ?? "127.0.0.1";
    const port = await freePort(host, options.port ?? 0);
    const start = () => startProcesses({ ...options, host, port, log }, build, data);
    return await start().catch((error: unknown) => {
      if (!isEgressPortTaken(error)) throw error;
      return start();
    });
  } catch (error) {
    data.release();
    throw error;
  }
}

/** Some connection got the port that was free a moment before; another one is chosen then. */
function isEgressPortTaken(error: unknown): boolean {
  return error instanceof Error && /already in use.*SandboxEgress/.test(error.message);
}

type Settings = ServerOptions & Required<Pick<ServerOptions, "host" | "port" | "log">>;

async function startProcesses(
  settings: Settings,
  build: Build,
  data: DataFolder,
): Promise<RunningServer> {
  const { host, port, log, allowHosts = "" } = settings;
  const egressPort = await freePort("127.0.0.1", 0);
  const key = randomBytes(32).toString("base64url");
  const sandbox = await superviseSandbox({ egressPort, key, allowHosts, log }, () => note());
  const note = () => data.note([platformPid(egressPort) ?? 0, sandbox.pid()].filter(Boolean));
  const url = `http://${isAny(host) ? "localhost" : host.includes(":") ? `[${host}]` : host}:${port}`;
  try {
    const bindings = {
      AEROSTACK_URL: url,
      ...settings.env,
      AEROSTACK_MASTER_KEYS: data.masterKeys,
      AEROSTACK_FIRST_KEY_HASH: hashKey(data.accountKey),
      AEROSTACK_ALLOW_HOSTS: allowHosts,
      SANDBOX_KEY: key,
    };
    const sandboxPort = sandbox.port;
    const platform = await startPlatform({
      build,
      host,
      port,
      egressPort,
      sandboxPort,
      state: data.state,
      bindings,
      ...(settings.standIn === undefined ? {} : { standIn: settings.standIn }),
      restarted: () => {
        log("The engine ended and was started again; runs go on from their last durable point.");
        note();
      },
      log,
    });
    note();
    return {
      url,
      accountKey: data.accountKey,
      keyFile: data.keyFile,
      dataFolder: data.folder,
      get platformPid() {
        return platformPid(egressPort) ?? 0;
      },
      get sandboxPid() {
        return sandbox.pid();
      },
      stop: async () => {
        await Promise.all([platform.dispose(), sandbox.stop()]);
        data.release();
        process.off("exit", data.release);
      },
    };
  } catch (error) {
    await sandbox.stop();
    throw error;
  }
}

function isAny(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

/** A process that was just killed may hold its port a moment longer than its number. */
const portAttempts = 10;
const portAttemptMs = 100;

/** A port that is free now; a wanted one is checked, so that its being used is said clearly. */
async function freePort(host: string, wanted: number): Promise<number> {
  for (let attempt = 1; attempt < portAttempts; attempt++) {
    const port = await probePort(host, wanted).catch(() => undefined);
    if (port !== undefined) return port;
    await sleep(portAttemptMs);
  }
  return probePort(host, wanted);
}

async function probePort(host: string, wanted: number): Promise<number> {
  const probe = createServer();
  try {
    probe.listen(wanted, host);
    await once(probe, "listening");
    const address = probe.address();
    return typeof address === "object" && address ? address.port : wanted;
  } catch (error) {
    throw portFailure(error, host, wanted);
  } finally {
    if (probe.listening) await new Promise((resolve) => probe.close(resolve));
  }
}

function portFailure(error: unknown, host: string, port: number): ConfigurationError {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") {
    return new ConfigurationError(
      "server.port-in-use",
      `Port ${port} on ${host} is already in use.`,
      {
        fix: `Stop the program that uses it, or choose another port: PORT=${port + 1} npm start`,
      },
    );
  }
  const message = `Aerostack cannot listen on ${host}, port ${port} (${String(code)}).`;
  return new ConfigurationError("server.cannot-listen", message, {
    fix: "Choose another HOST or PORT; ports below 1024 need special rights.",
    cause: error,
  });
}
