import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

/** Makes the files of this folder again; what they are: `README.md`. */

const tool = "add-mcp@2.4.0";
const url = "https://aerostack.test/ws/acme";
const remote = [url, "-t", "http", "-h", "Authorization: Bearer SECRET"];
const forProject = [
  ..."claude-code codex cursor gemini-cli github-copilot-cli grok-build kilo-code kimi-code".split(
    " ",
  ),
  ..."kiro-cli mastracode mcporter opencode pi vscode zed".split(" "),
];
/** These have a file in the person's home only. */
const forPerson: Record<string, readonly string[]> = {
  antigravity: remote,
  cline: remote,
  "cline-cli": remote,
  goose: remote,
  windsurf: remote,
  // It refuses a literal token and takes the variable's name.
  fx: [url, "-t", "http", "--bearer-token-env", "AEROSTACK_TOKEN"],
  // It starts programs and reaches no URL.
  "claude-desktop": [
    `npx -y mcp-remote ${url} --header Authorization:\${AUTH_HEADER}`,
    "--env",
    "AUTH_HEADER=Bearer SECRET",
  ],
};

const scratch = await mkdtemp(path.join(tmpdir(), "add-mcp-"));
execFileSync("npm", ["install", "--prefix", scratch, tool], { stdio: "ignore" });
const entry = path.join(scratch, "node_modules/add-mcp/dist/index.js");

/** Runs the tool in an empty home and an empty project; the one file that it wrote. */
async function write(agent: string, flags: readonly string[]): Promise<[string, string]> {
  const home = path.join(scratch, agent, "home");
  const project = path.join(scratch, agent, "project");
  await mkdir(home, { recursive: true });
  await mkdir(project);
  const words = [entry, ...flags, "-a", agent, "-n", "acme", "-y"];
  const env = { PATH: process.env["PATH"], HOME: home };
  execFileSync(process.execPath, words, {
    cwd: project,
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  for (const [folder, shown] of Object.entries({ [project]: "", [home]: "~/" })) {
    for (const found of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const file = path.join(found.parentPath, found.name);
      if (found.isFile())
        return [shown + path.relative(folder, file), await readFile(file, "utf8")];
    }
  }
  throw new TypeError(`${tool} wrote nothing for ${agent}. Read its answer above.`);
}

const paths: Record<string, string> = {};
const runs = [
  ...forProject.map((agent) => [agent, remote] as const),
  ...Object.entries(forPerson).map(([agent, flags]) => [agent, [...flags, "-g"]] as const),
];
for (const [agent, flags] of runs.toSorted(([a], [b]) => (a < b ? -1 : 1))) {
  const [file, text] = await write(agent, flags);
  paths[agent] = file;
  const extension = path.extname(file).replace("jsonc", "json");
  await writeFile(path.join(import.meta.dirname, agent + extension), text);
}
await writeFile(
  path.join(import.meta.dirname, "paths.json"),
  `${JSON.stringify(paths, null, 2)}\n`,
);
await rm(scratch, { recursive: true, force: true });
