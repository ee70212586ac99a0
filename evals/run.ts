import { parseArgs } from "node:util";
import { runDeploymentEval } from "./deployment.ts";
import { runPlanEval } from "./plan.ts";
import { runSearchEval } from "./search.ts";
import { runTaskEval } from "./tasks.ts";

/** `npm run eval -- <what>`: each answers its exit code. */
const commands: Readonly<Record<string, (argv: string[]) => Promise<number>>> = {
  plan: runPlanEval,
  tasks: runTaskEval,
  search: runSearchEval,
  deployment: runDeploymentEval,
};

const { positionals } = parseArgs({ allowPositionals: true, strict: false });
const [name = "tasks"] = positionals;
const command = commands[name];
if (command) {
  process.exitCode = await command(process.argv.slice(process.argv.indexOf(name) + 1));
} else {
  console.error(`There is no eval "${name}". Choose one of: ${Object.keys(commands).join(", ")}.`);
  process.exitCode = 2;
}
