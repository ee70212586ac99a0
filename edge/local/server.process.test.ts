import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, it } from "vitest";
import { projectFolder } from "#edge/local/build";
import { childrenOf, isRunning } from "#edge/local/processes";
import { startServer } from "#edge/local/server";

const folder = mkdtempSync(path.join(tmpdir(), "aerostack-test-"));
const serve = path.join(projectFolder, "edge/local/serve.ts");
const started: ChildProcess[] = [];

afterAll(() => {
  for (const child of started) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

/** `npm start`, with everything it printed and how it ended. */
function launch(env: Record<string, string>) {
  const child = spawn(process.execPath, [serve], {
    env: { ...process.env, PORT: "0", AEROSTACK_DATA: path.join(folder, "data"), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  started.push(child);
  const output = { text: "" };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (output.text += text));
  }
  const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
  return { child, output, ended };
}

async function until<T>(probe: () => T | Promise<T>): Promise<NonNullable<T>> {
  for (let tried = 0; tried < 600; tried++) {
    const value = await probe();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("This did not come true within 30 s.");
}

it("starts, keeps everything over a restart, and leaves no process behind", async () => {
  const keys: string[] = [];
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const { child, output, ended } = launch({});
    const url = await until(() => /Aerostack is ready at (\S+)/.exec(output.text)?.[1]);
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: "ok" });
    const file = path.join(folder, "data/account.key");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    keys.push(
      readFileSync(file, "utf8") + readFileSync(path.join(folder, "data/master-keys.json"), "utf8"),
    );
    expect(output.text).toContain(
      `claude mcp add --transport http aerostack ${url}/mcp --header "Authorization: Bearer $(cat ${file})"`,
    );
    expect(output.text).not.toContain(readFileSync(file, "utf8").trim());
    const children = childrenOf(child.pid!);
    expect(children).toHaveLength(2);
    child.kill(signal);
    expect(await ended).toBe(0);
    expect(children.filter(isRunning)).toEqual([]);
  }
  expect(keys[0]).toBe(keys[1]);
});

it("says in one sentence why it cannot start, and what to do", async () => {
  const busy = createServer().listen(0, "127.0.0.1");
  const port = await until(() => (busy.address() as { port: number } | null)?.port);
  const file = path.join(folder, "a-file");
  writeFileSync(file, "");
  const broken = path.join(folder, "broken");
  const cases: [Record<string, string>, RegExp][] = [
    [
      { PORT: String(port) },
      /^Port \d+ on 127\.0\.0\.1 is already in use\.\nStop the program .*PORT=\d+ npm start\n$/,
    ],
    [{ PORT: "http" }, /^PORT is "http", which is not a port\.\nGive a number/],
    [
      { AEROSTACK_ALLOW_HOSTS: "localhost:*,http://127.0.0.1:3000/mcp" },
      /^AEROSTACK_ALLOW_HOSTS holds "http:.*mcp", which is not a host and port\.\nGive patterns/,
    ],
    [
      { AEROSTACK_DATA: file },
      /^The data folder .*a-file cannot be used: there is a file of that name\.\nMake it a folder/,
    ],
    [
      { AEROSTACK_DATA: broken },
      /^The file .*account\.key is not what Aerostack wrote\.\nRestore it/,
    ],
  ];
  const { openDataFolder } = await import("#edge/local/data-folder");
  openDataFolder(broken).release();
  writeFileSync(path.join(broken, "account.key"), "no key");
  for (const [env, message] of cases) {
    const { output, ended } = launch(env);
    expect(await ended).toBe(1);
    await until(() => output.text.endsWith("\n"));
    expect(output.text).toMatch(message);
    expect(output.text).not.toContain("    at ");
  }
  busy.close();
});

it("comes back by itself, with its state, after workerd was killed", async () => {
  const dataFolder = path.join(folder, "killed");
  const said: string[] = [];
  const server = await startServer({ port: 0, dataFolder, log: (line) => said.push(line) });
  try {
    await expect(startServer({ port: 0, dataFolder })).rejects.toMatchObject({
      code: "data.in-use",
    });
    for (const which of ["platformPid", "sandboxPid"] as const) {
      const before = server[which];
      process.kill(before, "SIGKILL");
      await until(() => server[which] !== before && server[which]);
      const answer = await until(() => fetch(`${server.url}/healthz`).catch(() => undefined));
      expect(await answer.json()).toEqual({ status: "ok" });
    }
    const restarts = said.filter((line) => line.startsWith("The engine ended"));
    expect(restarts).toHaveLength(1);
  } finally {
    await server.stop();
  }
  expect(existsSync(path.join(dataFolder, "server.lock"))).toBe(false);
});

it("starts again after the launcher itself was killed, and ends what that left behind", async () => {
  const env = { AEROSTACK_DATA: path.join(folder, "left") };
  const first = launch(env);
  await until(() => first.output.text.includes("Aerostack is ready"));
  const left = childrenOf(first.child.pid!);
  first.child.kill("SIGKILL");
  await first.ended;
  const second = launch(env);
  await until(() => second.output.text.includes("Aerostack is ready"));
  expect(left.filter(isRunning)).toEqual([]);
  second.child.kill("SIGTERM");
  expect(await second.ended).toBe(0);
});

it("passes the settings of its environment on to the platform", async () => {
  const data = path.join(folder, "named");
  const { child, output, ended } = launch({
    AEROSTACK_DATA: data,
    AEROSTACK_FIRST_ACCOUNT: "Not A Name",
  });
  const url = await until(() => /Aerostack is ready at (\S+)/.exec(output.text)?.[1]);
  const key = readFileSync(path.join(data, "account.key"), "utf8").trim();
  const answer = await fetch(`${url}/mcp`, {
    method: "POST",
    headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
    body: "{}",
  });
  expect(await answer.text()).toContain("platform.first-account-name");
  child.kill("SIGTERM");
  expect(await ended).toBe(0);
});
