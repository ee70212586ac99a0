import { parseArgs } from "node:util";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { AerostackError, ConfigurationError, InputError } from "#blueprints/error";
import { readAccountKey } from "#edge/local/account-key";

const usage = `npm run account -- create <name> [--inline] [--url http://127.0.0.1:8787]

Makes an account on the running server and prints a one-time link where its owner reads the key;
with --inline it prints the key itself. Environment: AEROSTACK_KEY (default: the key file in
AEROSTACK_DATA), AEROSTACK_URL, PORT.`;

async function connect(url: string, key: string): Promise<Client> {
  const client = new Client(
    { name: "aerostack-account", version: "1.0.0" },
    { versionNegotiation: { mode: "auto" } },
  );
  const transport = new StreamableHTTPClientTransport(new URL("/mcp", url), {
    requestInit: { headers: { Authorization: `Bearer ${key}` } },
  });
  await client.connect(transport).catch((cause: unknown) => {
    throw new ConfigurationError("account.no-server", `No Aerostack takes this key at ${url}.`, {
      fix: "Start it with `npm start`, or name another one with --url.",
      cause,
    });
  });
  return client;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { url: { type: "string" }, inline: { type: "boolean", default: false } },
  });
  const [command, name] = positionals;
  if (command !== "create" || !name) {
    throw new InputError("account.usage", "Say which account to create.", { fix: usage });
  }
  const port = process.env["PORT"] ?? "8787";
  const url = values.url ?? process.env["AEROSTACK_URL"] ?? `http://127.0.0.1:${port}`;
  const client = await connect(url, await readAccountKey());
  try {
    const result = await client.callTool({
      name: "create_account",
      arguments: { name, inline: values.inline },
    });
    report(result.structuredContent as Answer);
  } finally {
    await client.close();
  }
}

interface Answer {
  readonly name?: string;
  readonly claim_url?: string;
  readonly key?: string;
  readonly error?: { readonly code: string; readonly message: string; readonly fix?: string };
}

function report({ name, claim_url: link, key, error }: Answer): void {
  if (error) throw new InputError(error.code, error.message, error.fix ? { fix: error.fix } : {});
  console.log(`Account ${name} exists.`);
  console.log(
    link ? `Its owner reads the key once at ${link}` : `Its key, shown this once: ${key}`,
  );
}

try {
  await main();
} catch (error) {
  if (!(error instanceof AerostackError)) throw error;
  console.error(error.fix ? `${error.message}\n${error.fix}` : error.message);
  process.exitCode = 1;
}
