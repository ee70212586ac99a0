import {
  getToolUiResourceUri,
  RESOURCE_MIME_TYPE,
} from "@modelcontextprotocol/ext-apps/app-bridge";
import { describe, expect, it } from "vitest";
import { instructions } from "./instructions.ts";
import { connect, origin, request, rpc, seedAccount } from "./mcp-client.fixture.ts";
import { tools } from "./tools/index.ts";
import { toWireTool } from "./wire-schema.ts";

const key = await seedAccount("tester");

describe("budgets", () => {
  const shown = Object.values(tools).map(toWireTool);

  it("has at most 24 tools, named as their files are", () => {
    const files = Object.keys(import.meta.glob("./tools/*.ts"))
      .map((file) => file.replace(/^.*\/|\.ts$/g, "").replaceAll("-", "_"))
      .filter((name) => name !== "index");
    expect(Object.keys(tools).sort()).toEqual(files.sort());
    expect(Object.values(tools).map((tool) => tool.name)).toEqual(Object.keys(tools));
    expect(shown.length).toBeLessThanOrEqual(24);
  });

  it.each(shown)("$name keeps to the limits of every client", (tool) => {
    expect(tool.name).toMatch(/^[a-z][a-z0-9_]{0,39}$/);
    expect(tool.description?.length).toBeLessThanOrEqual(1000);
    expect(tool.title).toBeTruthy();
    expect(Object.values(tool.annotations ?? {}).every((one) => typeof one === "boolean")).toBe(
      true,
    );
    expect(Object.keys(tool.annotations ?? {})).toHaveLength(4);
    expect(tool.inputSchema).toMatchObject({ type: "object", additionalProperties: false });
    expect(tool.outputSchema).toMatchObject({ type: "object" });
  });

  it("costs a model at most 8,000 tokens, and the instructions are under 2 kB", () => {
    const characters = JSON.stringify({ tools: shown }).length;
    // 3.6 characters a token: what tokenizers make of JSON Schema, on the safe side.
    expect(characters / 3.6).toBeLessThanOrEqual(8000);
    expect(instructions.length).toBeLessThan(2048);
  });
});

describe("both eras", () => {
  it.each(["legacy", "auto"] as const)("a %s client lists, calls and reads", async (mode) => {
    const { client, call } = await connect(key, mode);
    expect(client.getInstructions()).toBe(instructions);
    const listed = await client.listTools();
    expect(listed.tools.map((tool) => tool.name)).toEqual(Object.keys(tools));
    const made = await call("create_workspace", { slug: `era-${mode}` });
    expect(made).toMatchObject({ isError: false, data: { slug: `era-${mode}` } });
    expect(made.text).toContain(`/ws/era-${mode}`);
    const { resources } = await client.listResources();
    for (const resource of resources) {
      const { contents } = await client.readResource({ uri: resource.uri });
      expect(contents).toHaveLength(1);
    }
    const { prompts } = await client.listPrompts();
    expect(prompts.map((prompt) => prompt.name)).toContain("build");
    const prompt = await client.getPrompt({ name: "build", arguments: { intent: "greet" } });
    expect(JSON.stringify(prompt.messages)).toContain("greet");
    await client.close();
  });

  it("keeps what it says in sync with the tools that exist", () => {
    for (const name of ["plan", "scaffold", "create", "deploy", "publish"]) {
      expect(instructions).toContain(`${name}:`);
    }
  });
});

it("shows runs and usage in a view that every client of MCP Apps can read", async () => {
  const { client } = await connect(key);
  const { tools: listed } = await client.listTools();
  const uris = listed.flatMap((tool) => getToolUiResourceUri(tool) ?? []);
  expect(uris).toEqual(["ui://aerostack/view", "ui://aerostack/view"]);
  for (const uri of new Set(uris)) {
    const { contents } = await client.readResource({ uri });
    expect(contents).toMatchObject([{ uri, mimeType: RESOURCE_MIME_TYPE }]);
    const html = String((contents[0] as { text?: string }).text);
    expect(html).toMatch(/^<!doctype html>/);
    // The policy that clients apply by default: nothing comes from elsewhere, and it is small.
    expect(html).not.toMatch(/(?:src|href|url|import)\s*[=(]?\s*["']?https?:/);
    expect(html.length).toBeLessThan(20_000);
  }
});

describe("bad input", () => {
  it("refuses a missing and a wrong key with a challenge that starts no OAuth", async () => {
    for (const wrong of [undefined, "ak_wrong", "wt_something"]) {
      const response = await rpc(wrong, "tools/list");
      expect(response.status).toBe(401);
      expect(response.headers.get("WWW-Authenticate")).toMatch(/^Bearer/);
      expect(response.headers.get("WWW-Authenticate")).not.toContain("resource_metadata");
      expect(await response.json()).toMatchObject({
        error: { code: /^account\.key-/, fix: /Bearer/ },
      });
    }
  });

  it("tells who brings a workspace token where it belongs", async () => {
    const { error } = await (
      await rpc("wt_something", "tools/list")
    ).json<{ error: { message: string; fix: string } }>();
    expect(error.message).toContain("workspace token");
    expect(error.fix).toContain("/ws/<slug>");
  });

  it("asks for a correction of an argument that is known, not for others", async () => {
    const { call } = await connect(key);
    const { text } = await call("issue_token", {
      workspace: "some-desk",
      member: "kim",
      role: "king",
    });
    expect(text).toContain("role: ");
    expect(text).toContain("Fix: Correct that and call issue_token again.");
  });

  it("takes no credential in the place of its name", async () => {
    const { call } = await connect(key);
    const auth = { type: "header", secret: "UP_KEY", value: "Bearer sk-in-the-clear" };
    const url = "https://up.test/mcp";
    const answer = await call("connect_mcp", { workspace: "some-desk", url, auth });
    expect(answer.isError).toBe(true);
    expect(answer.text).toContain("auth.value: must hold {{ secret }}");
    expect(answer.text).not.toContain("sk-in-the-clear");
  });

  it("names the closest argument for an unknown one", async () => {
    const { call } = await connect(key);
    const answer = await call("issue_token", { worksapce: "some-desk", member: "kim" });
    expect(answer.isError).toBe(true);
    expect(answer.data).toMatchObject({ error: { code: "tool.invalid-arguments" } });
    expect(answer.text).toContain('did you mean "workspace"');
  });

  it("names the closest tool for an unknown one", async () => {
    const { client } = await connect(key);
    await expect(client.callTool({ name: "delpoy", arguments: {} })).rejects.toThrow(/deploy/);
    await expect(client.callTool({ name: "constructor", arguments: {} })).rejects.toThrow(
      /Unknown/,
    );
  });

  it.each([
    [
      "a body of 10 MB",
      `{"jsonrpc":"2.0","id":1,"x":"${"x".repeat(10_000_000)}"}`,
      413,
      "http.body-too-large",
    ],
    ["deep JSON", `${"[".repeat(200_000)}${"]".repeat(200_000)}`, 400, "http.too-deep"],
    ["no JSON", "{nonsense", 400, "http.bad-json"],
    ["nothing", "", 400, "http.bad-json"],
  ])("answers %s with a code and a fix, and lives on", async (_name, body, status, code) => {
    const response = await request("/mcp", {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        Accept: "application/json, text/event-stream",
        Authorization: `Bearer ${key}`,
      },
      body,
    });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code, fix: /./ } });
    expect((await rpc(key, "tools/list")).status).toBe(200);
  });

  it("refuses requests that a foreign page makes a browser send", async () => {
    const response = await request("/mcp", {
      method: "POST",
      headers: { Origin: "https://evil.example", Authorization: `Bearer ${key}` },
      body: "{}",
    });
    expect(response.status).toBe(403);
  });

  it("answers a malformed blueprint with every problem and its place", async () => {
    const { call } = await connect(key);
    const answer = await call("create", {
      workspace: "bad-blueprint",
      blueprint: { name: "Bad Name", workflows: [{ name: "w", nodes: "none" }], bogus: true },
    });
    expect(answer.isError).toBe(true);
    expect(answer.data).toMatchObject({ error: { code: "blueprint.invalid" } });
    expect(answer.text).toContain("Fix:");
    const list = await call("list", { kind: "workspace" });
    expect(JSON.stringify(list.data)).not.toContain("bad-blueprint");
  });

  it("answers foreign ids exactly like ids that do not exist", async () => {
    const owner = await connect(await seedAccount("id-owner"));
    const stranger = await connect(key);
    await owner.call("create_workspace", { slug: "owned-place" });
    const calls: [string, (slug: string) => Record<string, unknown>][] = [
      ["get", (slug) => ({ kind: "workspace", id: slug })],
      ["request_secret", (slug) => ({ workspace: slug, name: "SPY" })],
      ["issue_token", (slug) => ({ workspace: slug, member: "spy" })],
      ["call_log", (slug) => ({ workspace: slug })],
      ["client_config", (slug) => ({ client: "zed", workspace: slug })],
    ];
    for (const [tool, input] of calls) {
      const foreign = await stranger.call(tool, input("owned-place"));
      const missing = await stranger.call(tool, input("never-place"));
      expect(foreign.isError).toBe(true);
      expect(foreign.text.replaceAll("owned-place", "never-place")).toBe(missing.text);
    }
  });
});

describe("docs", () => {
  it("serves every guide as a page for people and as text for programs", async () => {
    const { client } = await connect(key);
    const { resources } = await client.listResources();
    const names = resources.flatMap(({ uri }) => /^aerostack:\/\/docs\/(.+)$/.exec(uri)?.[1] ?? []);
    expect(names).toContain("getting-started");
    for (const name of names) {
      const page = await request(`/docs/${name}`, { headers: { Accept: "text/html" } });
      expect(await page.text()).toContain("<h1>");
      const text = await request(`/docs/${name}`);
      expect(text.headers.get("Content-Type")).toContain("text/markdown");
      expect(await text.text()).toMatch(/^# /);
    }
    expect((await request("/docs/nothing")).status).toBe(404);
  });

  it("gives the address that was asked in its examples", async () => {
    const { client } = await connect(key);
    for (const name of ["getting-started", "endpoints"]) {
      const read = await client.readResource({ uri: `aerostack://docs/${name}` });
      const page = await request(`/docs/${name}`, { headers: { Accept: "text/html" } });
      for (const text of [
        JSON.stringify(read.contents),
        await (await request(`/docs/${name}`)).text(),
        await page.text(),
      ]) {
        expect(text).toContain(origin);
        expect(text).not.toContain("127.0.0.1:8787");
      }
    }
  });

  it("tells every field of every node type, also where the config is one of several", async () => {
    const text = await (await request("/docs/nodes")).text();
    expect(text).not.toContain("None.");
    for (const type of ["action", "send_message", "schedule_message", "send_proactive"]) {
      const section = text.split(`## ${type}\n`)[1]?.split("\n## ")[0] ?? "";
      expect(section.match(/^\| `/gm)?.length ?? 0).toBeGreaterThan(5);
    }
    expect(text).toContain('With `channel` "telegram":');
  });
});
