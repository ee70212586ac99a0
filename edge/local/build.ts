import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { ConfigurationError } from "#blueprints/error";

/**
 * The build that the local server serves: the Worker's bundle exactly as it would be deployed, the
 * sandbox's bundle, and what else would be slow to find out at each start.
 */
export const projectFolder = path.join(import.meta.dirname, "../..");
export const buildFolder = path.join(projectFolder, "dist");

const sources = ["blueprints", "registry-adapters", "planner", "edge", "mcp-server"];
const settings = ["package.json", "package-lock.json", "wrangler.toml", "tsconfig.json"];

export interface Build {
  /** Hash of everything that it was made from. */
  readonly hash: string;
  /** Bindings in wrangler.toml as Miniflare takes them. */
  readonly workerOptions: Record<string, unknown>;
  /** D1 migrations in order, each split into its statements. */
  readonly migrations: readonly { readonly name: string; readonly statements: readonly string[] }[];
}

/**
 * Builds when nothing is built, or (unless `AEROSTACK_BUILD` is "if-missing") when a source changed.
 * @throws ConfigurationError `build.failed`
 */
export async function ensureBuild(log: (line: string) => void = () => undefined): Promise<Build> {
  const present = readBuild();
  if (present && process.env["AEROSTACK_BUILD"] === "if-missing") return present;
  const hash = hashSources();
  if (present?.hash === hash) return present;
  log("Building ...");
  return build(hash);
}

export function readBuild(): Build | undefined {
  const file = path.join(buildFolder, "build.json");
  const complete = [file, workerFile, sandboxFile].every((each) => existsSync(each));
  if (!complete) return undefined;
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Build;
  } catch {
    return undefined;
  }
}

export const workerFile = path.join(buildFolder, "worker.js");
export const sandboxFile = path.join(buildFolder, "sandbox.js");

/** Made beside the old one and then put in its place, so that a failed build breaks nothing. */
export async function build(hash = hashSources()): Promise<Build> {
  const folder = `${buildFolder}.${process.pid}`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  try {
    await Promise.all([bundleWorker(folder), bundleSandbox(folder)]);
    const made: Build = { hash, ...(await readWrangler()) };
    writeFileSync(path.join(folder, "build.json"), JSON.stringify(made));
    const old = `${folder}.old`;
    if (existsSync(buildFolder)) renameSync(buildFolder, old);
    renameSync(folder, buildFolder);
    rmSync(old, { recursive: true, force: true });
    return made;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Wrangler's own bundle, made without the network. */
async function bundleWorker(folder: string): Promise<void> {
  const wrangler = path.join(projectFolder, "node_modules/wrangler/bin/wrangler.js");
  const quiet = { WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true", CI: "1" };
  const child = spawn(process.execPath, [wrangler, "deploy", "--dry-run", "--outdir", folder], {
    cwd: projectFolder,
    env: { ...process.env, ...quiet },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  const code = await new Promise((resolve) => child.on("close", resolve));
  if (code !== 0) throw buildFailed(output.trim());
}

/** The sandbox is a Worker of its own, small enough for the bundler alone. */
async function bundleSandbox(folder: string): Promise<void> {
  const { build: bundle } = await import("esbuild");
  try {
    await bundle({
      entryPoints: [path.join(projectFolder, "edge/isolates/sandbox.ts")],
      outfile: path.join(folder, "sandbox.js"),
      absWorkingDir: projectFolder,
      bundle: true,
      format: "esm",
      target: "es2024",
      external: ["cloudflare:*", "node:*"],
      logLevel: "silent",
    });
  } catch (error) {
    throw buildFailed(error instanceof Error ? error.message : String(error));
  }
}

async function readWrangler(): Promise<Omit<Build, "hash">> {
  const wrangler = await import("wrangler");
  const file = path.join(projectFolder, "wrangler.toml");
  const { workerOptions } = wrangler.unstable_getMiniflareWorkerOptions(file);
  const folder = path.join(projectFolder, "edge/db/migrations/platform");
  const migrations = readdirSync(folder)
    .filter((name) => name.endsWith(".sql"))
    .sort()
    .map((name) => {
      const sql = readFileSync(path.join(folder, name), "utf8");
      return { name, statements: wrangler.unstable_splitSqlQuery(sql) };
    });
  return { workerOptions: { ...workerOptions }, migrations };
}

function hashSources(): string {
  const hash = createHash("sha256");
  const add = (file: string) =>
    hash.update(file).update(readFileSync(path.join(projectFolder, file)));
  for (const file of settings) if (existsSync(path.join(projectFolder, file))) add(file);
  for (const folder of sources) {
    const names = readdirSync(path.join(projectFolder, folder), {
      recursive: true,
      encoding: "utf8",
    });
    for (const name of names.sort()) {
      if (/\.(ts|tsx|sql|md|css|json)$/.test(name) && !/\.test\.tsx?$/.test(name)) {
        add(path.join(folder, name));
      }
    }
  }
  return hash.digest("hex");
}

function buildFailed(output: string): ConfigurationError {
  return new ConfigurationError("build.failed", `The Worker could not be built:\n${output}`, {
    fix: "Correct what the bundler names above, and start again. After an update, run `npm ci`.",
  });
}

if (import.meta.main) {
  await build().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  });
}
