import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import type { Miniflare as Platform, V4MiniflareOptions } from "miniflare";
import { ConfigurationError } from "#blueprints/error";
import { type Build, buildFolder, workerFile } from "#edge/local/build";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "#edge/local/miniflare";
import { childWith } from "#edge/local/processes";

export interface PlatformSettings {
  readonly build: Build;
  readonly host: string;
  readonly port: number;
  readonly egressPort: number;
  readonly sandboxPort: number;
  /** Folder of databases, Durable Objects and key-value. */
  readonly state: string;
  /** `host:port` of a server that answers for all public ones, by their `Host`: for tests. */
  readonly standIn?: string;
  /** Text bindings: keys, settings, provider keys. */
  readonly bindings: Readonly<Record<string, string>>;
  /** workerd had died and is back. */
  readonly restarted: () => void;
  readonly log: (line: string) => void;
}

/**
 * V8 lets its heap grow to hundreds of megabytes before it collects what a burst of calls leaves
 * behind. With these it does so 40 % above what is in use; and most of what a call leaves behind is
 * gone while still in a nursery this large (megabytes), where collecting it costs next to nothing.
 * With any flag of ours workerd compiles its own scripts anew, some 50 ms of each start. Who sets the
 * variable decides.
 */
const engineFlags = "--min-semi-space-size=16 --max-semi-space-size=16 --heap-growing-percent=40";

export function platformPid(egressPort: number): number | undefined {
  return childWith(`AEROSTACK_PLATFORM=${egressPort}`, "workerd");
}

/** The Worker, on workerd, straight on its port; Miniflare starts workerd again should it die. */
export async function startPlatform(settings: PlatformSettings): Promise<Platform> {
  const { workerLoaders: _, ...options } = settings.build.workerOptions;
  const loopback = "127.0.0.1";
  const worker = {
    ...options,
    name: "aerostack",
    rootPath: buildFolder,
    modulesRoot: buildFolder,
    modules: modules(),
    bindings: settings.bindings,
    serviceBindings: {
      SANDBOX: { external: { address: `${loopback}:${settings.sandboxPort}`, http: {} } },
      PUBLIC_NETWORK: publicNetwork(settings.standIn),
      OPENED_NETWORK: {
        network: { allow: ["public", "private"], tlsOptions: { trustBrowserCas: true } },
      },
    },
    unsafeDirectSockets: [
      { host: settings.host, port: settings.port },
      { host: loopback, port: settings.egressPort, entrypoint: "SandboxEgress" },
    ],
  };
  const shared = {
    host: loopback,
    port: 0,
    log: new Log(LogLevel.NONE),
    // It would ask Cloudflare where this machine is; the Worker does not want to know.
    cf: false,
    resourcePersistencePath: settings.state,
    // Marks the process, so that it can be told from others that this program started.
    unsafeRuntimeEnv: { AEROSTACK_PLATFORM: String(settings.egressPort) },
    unsafeHandleRuntimeRestart: settings.restarted,
    handleStructuredLogs: ({ message }: { message: string }) => {
      // Said at every start, with our engine flags; it reads like a failure.
      if (message.startsWith("NOSENTRY per-isolate bootstrap compile cache")) return;
      // workerd adds native stacks after the first line; they help nobody here.
      settings.log(message.split("\nstack: ")[0] ?? "");
    },
  };
  process.env["MINIFLARE_WORKERD_V8_FLAGS"] ??= engineFlags;
  const v4 = { ...shared, workers: [worker] } as unknown as V4MiniflareOptions;
  const platform = new Miniflare(convertV4MiniflareOptions(v4));
  try {
    await platform.ready;
  } catch (error) {
    await platform.dispose().catch(() => undefined);
    throw startFailure(error);
  }
  try {
    await migrate(platform, settings.build);
  } catch (error) {
    await platform.dispose().catch(() => undefined);
    throw new ConfigurationError(
      "data.broken-database",
      `The database in ${settings.state} cannot be used: ${reasonOf(error)}`,
      {
        fix: "Restore the data folder from a backup, or name another one with AEROSTACK_DATA.",
        cause: error,
      },
    );
  }
  return platform;
}

function publicNetwork(standIn: string | undefined) {
  if (standIn !== undefined) return { external: { address: standIn, http: {} } };
  return { network: { allow: ["public"], tlsOptions: { trustBrowserCas: true } } };
}

/**
 * What has to come first only passes the bundle on, and the bundle comes last: for each text that it adds
 * Miniflare copies all that it has written so far, which takes milliseconds once the bundle is in it.
 */
function modules() {
  const texts = readdirSync(buildFolder).filter((name) => /\.(sql|md|css|txt|html)$/.test(name));
  const bundle = path.basename(workerFile);
  const contents = `export * from "./${bundle}"; export { default } from "./${bundle}";`;
  return [
    { type: "ESModule" as const, path: path.join(buildFolder, "entry.js"), contents },
    ...texts
      .filter((name) => name !== "README.md")
      .map((name) => ({ type: "Text" as const, path: path.join(buildFolder, name) })),
    { type: "ESModule" as const, path: workerFile },
  ];
}

/** Applies what this database has not seen yet, each migration whole or not at all. */
async function migrate(platform: Platform, build: Build): Promise<void> {
  const database = await platform.getD1Database("DB");
  await database
    .prepare(
      "CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)",
    )
    .run();
  const { results } = await database
    .prepare("SELECT name FROM d1_migrations")
    .all<{ name: string }>();
  const applied = new Set(results.map((row: { name: string }) => row.name));
  for (const { name, statements } of build.migrations) {
    if (applied.has(name)) continue;
    const record = database.prepare("INSERT INTO d1_migrations (name) VALUES (?)").bind(name);
    await database.batch([...statements.map((sql) => database.prepare(sql)), record]);
  }
}

function startFailure(error: unknown): Error {
  return new ConfigurationError(
    "platform.no-start",
    `The platform did not start: ${reasonOf(error)}`,
    {
      fix: existsSync(workerFile)
        ? "Run `npm ci` and `npm run build`, then start again."
        : "Run `npm run build`.",
      cause: error,
    },
  );
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.message.trim().split("\n")[0] ?? "") : String(error);
}
