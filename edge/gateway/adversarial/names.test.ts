import { exports } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { place, post, rpc } from "#edge/gateway/gateway.fixture";
import { finalName } from "#edge/gateway/tool-names";
import { dialects } from "#registry-adapters/dialects/index";
import { answer, besides, call, names, plainTool, text } from "./upstream.fixture.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("names", () => {
  const aliases = ["", "git", "git_hub", "git-hub", "a", "fn2", "up"];
  const tools = [
    "x",
    "X",
    "hub_x",
    "hub__x",
    "_x",
    "x_",
    "x.",
    "x ",
    "x/",
    "x:y",
    "x.y",
    "x_y",
    "x__y",
    "git__x",
    "git_hub__x",
    "a__b__c",
    "__proto__",
    "constructor",
    "",
    " ",
    ".",
    "é",
    "e\u0301",
    "ﬁ",
    "fi",
    "х",
    "😀",
    "find_tools",
    "call_tool",
    "run_code",
    "fn__x",
    "skill__x",
    "x\u200B",
    "x\n",
    "1x",
    "-x",
    "l".repeat(41),
    "l".repeat(48),
    "l".repeat(49),
    "l".repeat(64),
    "l".repeat(10_000),
    `${"l".repeat(48)}.`,
  ];

  it("of all servers are different, short, made of plain letters, and the same again", () => {
    const seen = new Map<string, string>();
    for (const alias of aliases) {
      for (const tool of tools) {
        const name = finalName(alias, tool);
        expect(name).toMatch(/^[A-Za-z0-9_-]{1,48}$/);
        expect(finalName(alias, tool)).toBe(name);
        expect(seen.get(name), `${alias} ${tool}`).toBeUndefined();
        seen.set(name, `${alias} ${tool}`);
      }
    }
  });

  it("tell the alias that they come from, whatever a server calls its tools", () => {
    for (const tool of tools) {
      // Nobody's tool can be named into another server's: the first `__` ends the alias.
      for (const alias of aliases.filter(Boolean)) {
        expect(finalName(alias, tool).split("__", 1)[0]).toBe(alias);
      }
      expect(finalName("", tool)).not.toContain("__");
      expect(["find_tools", "call_tool", "run_code"]).not.toContain(finalName("", tool));
    }
  });

  it("lead to the tool that they were made of, through MCP and every dialect", async () => {
    const own = tools.filter((tool) => !/[^ -~\n]/.test(tool) && tool.length < 1000);
    const { where, token } = await besides({
      "tools/list": (heard) => answer(heard, { tools: own.map(plainTool) }),
      "tools/call": (heard) => answer(heard, text(`<${String(heard.params["name"])}>`)),
    });
    const state = unwrap(await where.stub.acceptTools("up", own));
    expect(new Set(state.tools).size).toBe(own.length);
    for (const [at, name] of state.tools.entries()) {
      expect(await call(where, token, name)).toContain(JSON.stringify(`<${own[at]}>`).slice(1, -1));
    }
    const rules = {
      mcp: /^.{1,128}$/,
      openai: /^[A-Za-z0-9_-]{1,64}$/,
      anthropic: /^[A-Za-z0-9_-]{1,64}$/,
      gemini: /^[A-Za-z_][A-Za-z0-9_]{0,63}$/,
    };
    for (const [dialect, rule] of Object.entries(rules)) {
      expect(Object.keys(dialects)).toContain(dialect);
      const url = `https://aerostack.test/ws/${where.identity.slug}/tools?dialect=${dialect}`;
      const listed = await exports.default.fetch(url, {
        headers: { authorization: `Bearer ${token}` },
      });
      const { tools: adapted } = await listed.json<{ tools: { name: string }[] }>();
      expect(adapted.map(({ name }) => name).filter((name) => !rule.test(name))).toEqual([]);
      expect(new Set(adapted.map(({ name }) => name)).size).toBe(own.length + 1);
    }
  });

  it.each([
    ["case", "Send"],
    ["Cyrillic", "sеnd"],
    ["full width", "ｓｅｎｄ"],
    ["zero width", "se\u200Bnd"],
    ["a space at the end", "send "],
    ["a combining mark that normalises away", "send\u2060"],
    ["a dot for an underscore", "send_mail"],
  ])("that differ in %s only are both held back", async (_what, twin) => {
    const first = twin === "send_mail" ? "send.mail" : "send";
    const { state } = await besides({
      "tools/list": (heard) =>
        answer(heard, { tools: [plainTool(first), plainTool(twin), plainTool("fine")] }),
    });
    expect(state.tools).toEqual(["up__fine"]);
    expect(
      state.quarantined?.map(({ flags }) => flags.some(({ kind }) => kind === "lookalike")),
    ).toEqual([true, true]);
  });

  it("of the modes stay the platform's own, whatever a server without alias calls its tools", async () => {
    const modes = ["find_tools", "call_tool", "run_code"];
    const { where, token } = await besides(
      {
        "tools/list": (heard) => answer(heard, { tools: modes.map(plainTool) }),
        "tools/call": (heard) => answer(heard, text("theirs")),
      },
      { alias: "" },
    );
    expect((await names(where, token)).filter((name) => modes.includes(name))).toEqual([]);
    for (const [mode, name] of [
      ["search", "find_tools"],
      ["search", "call_tool"],
      ["code", "run_code"],
      ["direct", "find_tools"],
    ]) {
      const asked = rpc("tools/call", {
        name,
        arguments: { query: "x", name: "x", code: "return 1" },
      });
      const told = await post(`${where.identity.slug}?tools=${mode}`, token, asked);
      expect(await told.text()).not.toContain("theirs");
    }
  });

  it.each(["fn", "skill", "a__b", "a_", "A", "é", "a b", "1a", "a".repeat(41)])(
    "an alias %s is refused",
    async (alias) => {
      const where = await place();
      const source = { kind: "external" as const, url: "https://up.example/mcp" };
      const refused = await where.stub.linkMcp({ alias, source, auth: { type: "none" } });
      expect(refused).toMatchObject({ ok: false, error: { code: "mcp.alias" } });
    },
  );
});
