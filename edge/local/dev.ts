import { spawn } from "node:child_process";
import path from "node:path";
import { openDataFolder, hashKey } from "#edge/local/data-folder";
import { projectFolder } from "#edge/local/build";

/**
 * `npm run dev`: wrangler's own server, which rebuilds as files change. One process, so code in
 * isolates is not supervised; `npm start` is what users run.
 */
const data = openDataFolder(path.join(projectFolder, ".aerostack/dev"));
process.once("exit", data.release);

const wrangler = path.join(projectFolder, "node_modules/wrangler/bin/wrangler.js");
const state = ["--persist-to", data.state];
const bindings = {
  AEROSTACK_MASTER_KEYS: data.masterKeys,
  AEROSTACK_FIRST_KEY_HASH: hashKey(data.accountKey),
  AEROSTACK_ALLOW_HOSTS: process.env["AEROSTACK_ALLOW_HOSTS"] ?? "",
};
const variables = Object.entries(bindings).flatMap(([name, value]) => [
  "--var",
  `${name}:${value}`,
]);

console.log(`The key of the first account is in ${data.keyFile}`);
const migrated = await run(["d1", "migrations", "apply", "aerostack", "--local", ...state]);
process.exitCode = migrated || (await run(["dev", ...state, ...variables]));

function run(parameters: readonly string[]): Promise<number> {
  const env = { ...process.env, WRANGLER_SEND_METRICS: "false" };
  const child = spawn(process.execPath, [wrangler, ...parameters], {
    cwd: projectFolder,
    env,
    stdio: "inherit",
  });
  return new Promise((resolve) => child.on("close", (code) => resolve(code ?? 0)));
}
