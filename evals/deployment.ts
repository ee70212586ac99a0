import { parseArgs } from "node:util";
import { taskLine } from "./harness/report-terminal.ts";
import type { Check } from "./harness/task.ts";
import { probeEndpoint } from "./deployment/endpoint.ts";
import { probeWorkspace } from "./deployment/workspace.ts";

const usage = `npm run eval -- deployment <url> [--token <token>]

<url> is an agent endpoint (.../e/<workspace>/<name>) or a workspace (.../ws/<slug>). The token is a
workspace token or account key; default: AEROSTACK_TOKEN.`;

/** What a probe gets: the URL under test, a token for it, and a place for its findings. */
export interface Probe {
  readonly url: string;
  readonly token: string;
  readonly check: (gate: Check["gate"], title: string, passed: boolean, evidence?: unknown) => void;
}

/** Asks a live deployment, from outside, what every deployment owes; changes nothing but a run. */
export async function runDeploymentEval(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { token: { type: "string", default: process.env["AEROSTACK_TOKEN"] ?? "" } },
  });
  const [url] = positionals;
  const route = url ? new URL(url).pathname.split("/")[1] : undefined;
  const probe = route === "e" ? probeEndpoint : route === "ws" ? probeWorkspace : undefined;
  if (!url || !probe) {
    console.error(usage);
    return 2;
  }
  const answers = await fetch(url).catch(() => undefined);
  if (!answers) {
    console.error(`Nothing answers at ${url}.`);
    return 2;
  }
  const started = performance.now();
  const checks: Check[] = [];
  await probe({
    url,
    token: values.token,
    check: (gate, title, passed, evidence = "") => {
      checks.push({ gate, title, passed, evidence: JSON.stringify(evidence).slice(0, 400) });
    },
  });
  const passed = checks.every((one) => one.passed);
  const durationMs = Math.round(performance.now() - started);
  console.log(
    taskLine({ name: "deployment", title: url, passed, checks, calls: checks.length, durationMs }),
  );
  return passed ? 0 : 1;
}
