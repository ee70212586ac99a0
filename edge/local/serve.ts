import path from "node:path";
import { AerostackError, InputError } from "#blueprints/error";
import { projectFolder } from "#edge/local/build";
import { clientLines } from "#edge/local/clients";
import { startServer } from "#edge/local/server";

/** `npm start`: serves the platform until it is told to stop. */
const passedOn = [
  "AEROSTACK_URL",
  "AEROSTACK_FIRST_ACCOUNT",
  "AEROSTACK_MODEL",
  "ANTHROPIC_API_KEY",
  "OPENAI_API_KEY",
  "GOOGLE_GENERATIVE_AI_API_KEY",
  "GROQ_API_KEY",
  "OPENAI_COMPATIBLE_URL",
  "OPENAI_COMPATIBLE_KEY",
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  "OTEL_EXPORTER_OTLP_HEADERS",
];

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const leave = () => process.exit(0);
for (const signal of signals) process.on(signal, leave);

try {
  const { env } = process;
  const given = passedOn.flatMap((name) => (env[name] ? [[name, env[name]] as const] : []));
  const server = await startServer({
    port: portOf(env["PORT"] || "8787"),
    host: env["HOST"] || "127.0.0.1",
    dataFolder: path.resolve(projectFolder, env["AEROSTACK_DATA"] || ".aerostack"),
    allowHosts: allowHostsOf(env["AEROSTACK_ALLOW_HOSTS"] ?? ""),
    env: Object.fromEntries(given),
    log: (line) => console.error(line),
  });
  let stopping: Promise<void> | undefined;
  for (const signal of signals) {
    // Miniflare has set a handler that ends the process at once; ours ends it in order.
    process.removeAllListeners(signal);
    process.on(signal, () => {
      stopping ??= server.stop().then(leave, leave);
    });
  }
  console.log(`Aerostack is ready at ${server.url}\n`);
  console.log(`The key of the first account is in ${server.keyFile}\n`);
  console.log(clientLines(server.url, server.keyFile));
} catch (error) {
  console.error(explain(error));
  process.exit(1);
}

function explain(error: unknown): string {
  if (error instanceof AerostackError) {
    return error.fix ? `${error.message}\n${error.fix}` : error.message;
  }
  const message = error instanceof Error ? error.message : String(error);
  return `Aerostack did not start: ${message}\nRun \`npm ci\` and start again; if it stays, report this message.`;
}

/** A pattern that can match nothing would leave its author to wonder why the host stays closed. */
function allowHostsOf(text: string): string {
  for (const pattern of text.split(",").map((one) => one.trim())) {
    if (/^[^/@?#\s]*$/.test(pattern)) continue;
    throw new InputError(
      "server.bad-allow-hosts",
      `AEROSTACK_ALLOW_HOSTS holds ${JSON.stringify(pattern)}, which is not a host and port.`,
      { fix: "Give patterns such as 127.0.0.1:3000 or localhost:*, separated by commas." },
    );
  }
  return text;
}

function portOf(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return Number(text);
  throw new InputError("server.bad-port", `PORT is ${JSON.stringify(text)}, which is not a port.`, {
    fix: "Give a number from 1 to 65535, or 0 for any free one.",
  });
}
