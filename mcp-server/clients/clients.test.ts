import { beforeAll, describe, expect, it } from "vitest";
import { type Answer, connect, origin, seedAccount } from "../mcp-client.fixture.ts";
import { toJson } from "../client.ts";
import { clients } from "./index.ts";

/** Files that add-mcp wrote for the same server: `golden/README.md`. */
const golden = import.meta.glob<string>("./golden/*.{json,toml,yaml}", {
  query: "?raw",
  import: "default",
  eager: true,
});
const paths = JSON.parse(golden["./golden/paths.json"] ?? "{}") as Record<string, string>;

interface Comparison {
  /** The client's name, or names, in add-mcp. */
  readonly agents: readonly string[];
  /**
   * What stands where add-mcp was given the token, with the reason why it is that and not the token
   * itself, which `client_config` never has. Absent: add-mcp takes the variable's name too.
   */
  readonly credential?: readonly [text: string, because: string];
  /** What a credential needs besides a header, which add-mcp has no words for. */
  readonly besides?: readonly [change: (text: string) => string, because: string];
  /** Part of add-mcp's path that we show, where the rest differs between systems. */
  readonly path?: string;
}

const shellReference = "${AEROSTACK_TOKEN}";
const prefixedReference = "${env:AEROSTACK_TOKEN}";
const bracedReference = "{env:AEROSTACK_TOKEN}";
const pasted = "<paste the key or token here>";

/** A header, of the shape that `pattern` finds, makes way for the name of the variable. */
const named = (pattern: RegExp, name: string) => (text: string) => text.replace(pattern, name);

const comparisons: Record<keyof typeof clients, Comparison> = {
  "claude-code": {
    agents: ["claude-code"],
    credential: [shellReference, "expands ${VAR} in headers"],
  },
  cursor: { agents: ["cursor"], credential: [prefixedReference, "expands ${env:VAR} in headers"] },
  "vs-code": {
    agents: ["vscode"],
    credential: ["${input:acme-token}", "asks for inputs, and keeps them in its secret storage"],
    besides: [
      (text) =>
        toJson({
          ...(JSON.parse(text) as object),
          inputs: [
            {
              type: "promptString",
              id: "acme-token",
              description: "Key or token for acme",
              password: true,
            },
          ],
        }),
      "an input is declared in the same file",
    ],
  },
  windsurf: {
    agents: ["windsurf"],
    credential: [prefixedReference, "expands ${env:VAR} in headers"],
  },
  zed: { agents: ["zed"], credential: [pasted, "expands nothing in headers"] },
  "gemini-cli": {
    agents: ["gemini-cli"],
    credential: ["$AEROSTACK_TOKEN", "expands $VAR in its settings"],
  },
  codex: {
    agents: ["codex"],
    besides: [
      named(
        /\n {2}\[mcp_servers\.acme\.http_headers\]\n.*\n/,
        'bearer_token_env_var = "AEROSTACK_TOKEN"\n',
      ),
      "expands nothing in http_headers; it takes the variable's name in a field of its own",
    ],
  },
  opencode: { agents: ["opencode"], credential: [bracedReference, "expands {env:VAR}"] },
  cline: {
    agents: ["cline", "cline-cli"],
    credential: [pasted, "expands nothing in headers"],
    path: "cline_mcp_settings.json",
  },
  goose: {
    agents: ["goose"],
    credential: [shellReference, "expands ${VAR} in headers"],
    besides: [
      named(/(?<=Bearer .*\n)/, "    env_keys: [AEROSTACK_TOKEN]\n"),
      "expands only variables that env_keys names (merge_environments in its extension manager)",
    ],
  },
  kiro: {
    agents: ["kiro-cli"],
    credential: [prefixedReference, "expands ${env:VAR} in headers, and ${VAR} in env only"],
  },
  "copilot-cli": {
    agents: ["github-copilot-cli"],
    credential: [shellReference, "expands ${VAR} in headers"],
  },
  "claude-desktop": {
    agents: ["claude-desktop"],
    credential: ["<value of AEROSTACK_TOKEN>", "hands env to the bridge as it is written"],
    path: "claude_desktop_config.json",
  },
  antigravity: {
    agents: ["antigravity"],
    credential: [pasted, "expands nothing (google-antigravity/antigravity-cli#233)"],
  },
  "kilo-code": { agents: ["kilo-code"], credential: [bracedReference, "expands {env:VAR}"] },
  "grok-build": {
    agents: ["grok-build"],
    credential: [shellReference, "expands ${VAR} in headers"],
  },
  fx: { agents: ["fx"] },
  "kimi-code": {
    agents: ["kimi-code"],
    besides: [
      named(/"headers": \{[^}]*\}/, '"bearerTokenEnvVar": "AEROSTACK_TOKEN"'),
      "expands nothing in headers; it takes the variable's name in a field of its own",
    ],
  },
  mastracode: { agents: ["mastracode"], credential: [pasted, "expands nothing in headers"] },
  mcporter: { agents: ["mcporter"], credential: [shellReference, "expands ${VAR} in headers"] },
  pi: { agents: ["pi"], credential: [shellReference, "expands ${VAR} in headers"] },
};

const query = (link: unknown) => new URL(String(link)).searchParams;

let answers: Record<string, Answer["data"]>;

beforeAll(async () => {
  const { call, client } = await connect(await seedAccount("golden"));
  expect((await call("create_workspace", { slug: "acme" })).isError).toBe(false);
  const names = Object.keys(clients);
  const shown = names.map(async (name) => {
    const { data } = await call("client_config", { client: name, workspace: "acme" });
    return [name, data] as const;
  });
  answers = Object.fromEntries(await Promise.all(shown));
  await client.close();
});

describe("client_config", () => {
  it.each(Object.entries(comparisons))("writes for %s what add-mcp writes", (name, comparison) => {
    const answer = answers[name]!;
    for (const agent of comparison.agents) {
      const file = Object.keys(golden).find((one) => one.startsWith(`./golden/${agent}.`));
      const written = golden[file ?? ""] ?? "";
      expect(written).toContain(String(answer["url"]));
      const credential = comparison.credential?.[0] ?? "";
      // As a function: `$` is not a pattern here.
      const filled = written.replace("SECRET", () => credential);
      const expected = comparison.besides?.[0](filled) ?? filled;
      expect(String(answer["config"]).trimEnd()).toBe(expected.trimEnd());
      expect(file).toMatch(new RegExp(`\\.${String(answer["format"])}$`));
      expect(answer["file"]).toContain(comparison.path ?? paths[agent]);
    }
  });

  it("knows every client that add-mcp knows, one a file", () => {
    const compared = Object.values(comparisons).flatMap(({ agents }) => agents);
    expect(compared.toSorted()).toEqual(Object.keys(paths).toSorted());
    const files = Object.keys(import.meta.glob("./*.ts"))
      .map((file) => file.replace(/^.*\/|\.ts$/g, ""))
      .filter((file) => file !== "index" && !file.endsWith(".test"));
    expect(Object.keys(clients).toSorted()).toEqual(files.toSorted());
    expect(Object.values(clients).map(({ name }) => name)).toEqual(Object.keys(clients));
  });

  it("gives install links that hold the same entry, as an app's scheme and as a web address", () => {
    const entry = (name: string, key: string) => {
      const config = JSON.parse(String(answers[name]!["config"])) as Record<string, object>;
      return { entry: (config[key] as { acme: object }).acme, inputs: config["inputs"] };
    };
    const cursor = entry("cursor", "mcpServers").entry;
    for (const [field, start] of [
      ["install_link", "cursor://anysphere.cursor-deeplink/mcp/install?"],
      ["web_install_link", "https://cursor.com/en-US/install-mcp?"],
    ] as const) {
      const link = answers["cursor"]![field];
      expect(String(link).startsWith(start)).toBe(true);
      expect(query(link).get("name")).toBe("acme");
      expect(JSON.parse(atob(query(link).get("config")!))).toEqual(cursor);
    }

    const { entry: server, inputs } = entry("vs-code", "servers");
    const { install_link: link, web_install_link: web } = answers["vs-code"]!;
    const [scheme, text] = String(link).split("?");
    expect(scheme).toBe("vscode:mcp/install");
    expect(JSON.parse(decodeURIComponent(text!))).toEqual({ name: "acme", ...server, inputs });
    expect(web).toMatch(/^https:\/\/insiders\.vscode\.dev\/redirect\/mcp\/install\?/);
    expect(query(web).get("name")).toBe("acme");
    expect(JSON.parse(query(web).get("config")!)).toEqual(server);
    expect(JSON.parse(query(web).get("inputs")!)).toEqual(inputs);
    for (const one of [link, web, answers["cursor"]!["web_install_link"]]) {
      expect(String(one).startsWith("http") && String(one).includes("+")).toBe(false);
      expect(one).not.toContain(`${origin}/ws/acme`);
    }
  });
});
