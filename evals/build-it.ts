import { parseArgs } from "node:util";
import { SdkHttpError } from "@modelcontextprotocol/client";
import { AerostackError, ConfigurationError, InputError } from "#blueprints/error";
import { readAccountKey } from "#edge/local/account-key";
import { build, type Built } from "./harness/builder.ts";
import { connect, type McpSession } from "./harness/client.ts";
import { postStream, type StreamedEvent } from "./harness/http.ts";
import { exampleInput } from "./harness/inputs.ts";

const usage = `npm run build-it -- "<intent>" [--workspace <slug>] [--url http://127.0.0.1:8787]

Environment: AEROSTACK_KEY (default: the key file in the data folder, AEROSTACK_DATA or .aerostack). A secret that the blueprint
needs is taken from the variable of its name when that is set; otherwise a link is shown and the
program waits until a person has entered it there.`;

const bold = (text: string): string => `\u001B[1m${text}\u001B[0m`;
const dim = (text: string): string => `\u001B[2m${text}\u001B[0m`;
const progress = (step: string, detail: string): void =>
  console.log(`${bold(step.padEnd(9))} ${detail}`);

async function main(): Promise<void> {
  const { values, positionals } = argumentsOf();
  const intent = positionals.join(" ").trim();
  if (!intent) throw new InputError("build-it.no-intent", "Say what to build.", { fix: usage });
  const key = await readAccountKey();
  const session = await open(values.url, key);
  try {
    const built = await build(
      session,
      {
        intent,
        workspace: values.workspace,
        enterSecret: waitForPerson(session, values.workspace),
      },
      { progress },
    );
    if (built.deployment.state !== "live") reportFailure(built);
    else await callIt(session, built, key);
  } finally {
    await session.close();
  }
}

function argumentsOf() {
  const { AEROSTACK_URL: address, PORT: port } = process.env;
  const url = address ?? `http://127.0.0.1:${port ?? "8787"}`;
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        workspace: { type: "string", default: "playground" },
        url: { type: "string", default: url },
      },
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new InputError("build-it.bad-option", message, { fix: usage, cause: error });
  }
}

async function open(url: string, key: string): Promise<McpSession> {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw new InputError("build-it.bad-url", `--url is ${JSON.stringify(url)}, which is no URL.`, {
      fix: "Write it like http://127.0.0.1:8787.",
    });
  }
  return connect(new URL("/mcp", url).href, key, "2.x").catch((cause: unknown) => {
    if (cause instanceof SdkHttpError && cause.status === 401) {
      throw new ConfigurationError("build-it.key-refused", `${url} does not take this key.`, {
        fix: "Set AEROSTACK_KEY to an account key of that server, or AEROSTACK_DATA to its data folder.",
        cause,
      });
    }
    throw new ConfigurationError("build-it.no-server", `No Aerostack answers at ${url}.`, {
      fix: "Start it with `npm start`, or name another one with --url.",
      cause,
    });
  });
}

/** Shows the link and waits until the secret is set: nothing but a person types it. */
function waitForPerson(session: McpSession, workspace: string) {
  return async (name: string, url: string): Promise<string | undefined> => {
    const given = process.env[name];
    if (given) return given;
    console.log(`${bold("secret")}    open ${url} and enter ${name}; waiting ...`);
    for (let seconds = 0; seconds < 900; seconds++) {
      const listed = await session.must("list", { kind: "secret", workspace });
      const states = (listed["items"] ?? []) as { name: string; state: string }[];
      if (states.some((one) => one.name === name && one.state === "set")) return undefined;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    throw new InputError("build-it.no-secret", `Nobody entered ${name} within 15 minutes.`);
  };
}

function reportFailure(built: Built): void {
  for (const test of built.deployment.tests.filter((one) => !one.passed)) {
    console.log(`${bold("failed")}    ${test.name}`);
  }
  process.exitCode = 1;
}

async function callIt(session: McpSession, built: Built, key: string): Promise<void> {
  const input = exampleInput(built.blueprint);
  for (const resource of built.deployment.resources) {
    for (const url of Object.values(resource.urls ?? {}))
      progress("live", `${resource.kind} ${url}`);
  }
  progress("call", JSON.stringify(input));
  const endpoint = built.deployment.resources.find((one) => one.kind === "endpoint" && one.urls);
  if (endpoint) {
    await postStream(built.url("endpoint"), key, input, showEvent);
    return;
  }
  const target =
    built.resources.find((one) => one.kind === "workflow") ??
    built.resources.find((one) => one.kind === "function");
  if (!target) return;
  const answer = await session.must("invoke", { resource: target.id, input });
  console.log(`  ${JSON.stringify(answer, null, 2).replaceAll("\n", "\n  ")}`);
}

/** A line when a step ends, with its time and the beginning of its output; then the result. */
const startedAt = new Map<string, number>();
function showEvent({ event, data }: StreamedEvent): void {
  const { step, at } = data as { step?: string; at?: number };
  if (event === "step-started" && step && at) startedAt.set(step, at);
  if ((event === "step-succeeded" || event === "step-failed") && step && at) {
    const took = `${at - (startedAt.get(step) ?? at)} ms`;
    const seen = JSON.stringify(data["output"] ?? data["error"]).slice(0, 120);
    console.log(
      `  ${event === "step-failed" ? "failed " : ""}${step.padEnd(24)} ${took.padStart(8)}  ${dim(seen)}`,
    );
  }
  if (event === "result") {
    const shown = JSON.stringify(data["output"] ?? data["error"], null, 2);
    console.log(
      `${bold("answer".padEnd(9))} ${String(data["status"])}, run ${String(data["run_id"])}\n  ${shown.replaceAll("\n", "\n  ")}`,
    );
    const { url } = data;
    if (typeof url === "string") progress("see", `${url} (sign in with the account key)`);
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof AerostackError)) throw error;
  console.error(`${error.message}${error.fix ? `\n${error.fix}` : ""}`);
  process.exitCode = 1;
}
