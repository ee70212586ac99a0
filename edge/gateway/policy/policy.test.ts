import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { openWorkspaceDatabase } from "#edge/db/workspace-database";
import type { Env } from "#edge/env";
import { echoServer, network, place, type Place, post, rpc } from "#edge/gateway/gateway.fixture";
import type { SystemActor } from "#edge/identity/actor";
import type { ArgumentPolicy } from "./argument-policy.ts";
import { CallWindow } from "./call-window.ts";
import { TokenLimits } from "./token-limits.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

async function linkedPlace() {
  const seen = network({ "up.example": echoServer().fetch });
  const where = await place();
  const source = { kind: "external" as const, url: "https://up.example/mcp" };
  unwrap(await where.stub.linkMcp({ alias: "up", source, auth: { type: "none" } }));
  const sent = () => seen.requests.filter(({ body }) => body.includes('"tools/call"')).length;
  return { where, sent };
}

interface Answer {
  readonly result: {
    readonly isError?: boolean;
    readonly content: { readonly text: string }[];
    readonly _meta?: { readonly "dev.aerostack/error": { code: string; details?: object } };
  };
}

async function call(where: Place, token: string, input: unknown = {}, name = "up__echo") {
  const response = await post(where, token, rpc("tools/call", { name, arguments: input }));
  const { result } = await response.json<Answer>();
  return { text: result.content[0]?.text, error: result["_meta"]?.["dev.aerostack/error"] };
}

const policy = (change: Partial<ArgumentPolicy> = {}): ArgumentPolicy => ({
  name: "small-amounts",
  require: "args.amount < 100",
  message: "Amounts from 100 on need the finance team.",
  ...change,
});

describe("a token's rate limit", () => {
  it("lets exactly so many of many calls at once through, and says when to come again", async () => {
    const { where, sent } = await linkedPlace();
    const { token } = await where.token({ perMinute: 3 });
    const other = await where.token();
    const answers = await Promise.all(Array.from({ length: 20 }, () => call(where, token)));
    const refused = answers.filter(({ error }) => error?.code === "token.rate-limited");
    expect(refused).toHaveLength(17);
    expect(sent()).toBe(3);
    expect(refused[0]?.error?.details).toMatchObject({
      retry_after_seconds: expect.any(Number) as number,
    });
    expect((await call(where, other.token)).error).toBeUndefined();
    const rows = unwrap(await where.stub.callLog({ outcome: "denied" }));
    expect(rows.map(({ errorCode }) => errorCode)).toEqual(
      Array<string>(17).fill("token.rate-limited"),
    );
  });

  it("counts what was made from a token as that token", async () => {
    const { where } = await linkedPlace();
    const parent = await where.token({ perMinute: 2 });
    const child = await where.token({ parentId: parent.id });
    await call(where, parent.token);
    await call(where, child.token);
    expect((await call(where, child.token)).error?.code).toBe("token.rate-limited");
    expect((await call(where, parent.token)).error?.code).toBe("token.rate-limited");
  });

  it("holds for any 60 seconds, not for minutes of the clock", () => {
    const window = new CallWindow(2);
    for (const at of [59_000, 61_000]) {
      expect(window.waitMs(at)).toBe(0);
      window.count(at);
    }
    expect(window.waitMs(62_000)).toBe(57_000);
    expect(window.waitMs(119_000)).toBe(0);
    window.count(119_000);
    expect(window.waitMs(119_000)).toBe(2_000);
  });
});

describe("a token's daily quota", () => {
  it("ends its calls for the day and shows how many there were", async () => {
    const { where, sent } = await linkedPlace();
    const { token, id } = await where.token({ perDay: 2 });
    for (let count = 0; count < 3; count++) await call(where, token);
    expect((await call(where, token)).error?.code).toBe("token.quota");
    expect(sent()).toBe(2);
    const states = unwrap(await where.stub.listTokens());
    expect(states.find((one) => one.id === id)).toMatchObject({ perDay: 2, callsToday: 2 });
  });

  it("survives the object's memory, and is whole again the next day", async () => {
    const namespace = (env as unknown as Env).WORKSPACE;
    await runInDurableObject(namespace.get(namespace.newUniqueId()), (_object, { storage }) => {
      let now = Date.UTC(2026, 0, 1, 23);
      const open = () =>
        new TokenLimits({ database: openWorkspaceDatabase(storage), now: () => now });
      const first = open();
      first.set("tok_a", { perDay: 2 });
      expect([first.take("tok_a"), first.take("tok_a")]).toEqual([undefined, undefined]);
      first.flush();
      const second = open();
      expect(second.take("tok_a")).toMatchObject({ code: "token.quota", retryAfterMs: 3_600_000 });
      now += 3_600_000;
      expect(second.take("tok_a")).toBeUndefined();
    });
  });
});

describe("a policy on arguments", () => {
  it("lets through what it requires and refuses the rest with its own message", async () => {
    const { where, sent } = await linkedPlace();
    const { token } = await where.token();
    unwrap(await where.stub.putPolicies([policy()]));
    expect((await call(where, token, { amount: 99 })).text).toBe('{"amount":99}');
    const refused = await call(where, token, { amount: 100 });
    expect(refused.error).toMatchObject({
      code: "policy.denied",
      message: "Amounts from 100 on need the finance team.",
      details: { policy: "small-amounts" },
    });
    expect(sent()).toBe(1);
    unwrap(await where.stub.removePolicies(["small-amounts"]));
    expect((await call(where, token, { amount: 100 })).error).toBeUndefined();
  });

  it.each([
    ["is missing", {}],
    ["has another type", { amount: "5" }],
    ["is a list", { amount: [1] }],
    ["is null", { amount: null }],
  ])("refuses where the argument %s", async (_what, input) => {
    const { where, sent } = await linkedPlace();
    const { token } = await where.token();
    unwrap(await where.stub.putPolicies([policy()]));
    expect((await call(where, token, input)).error?.code).toBe("policy.denied");
    expect(sent()).toBe(0);
  });

  it("holds for the roles, members, tokens and tools that it names", async () => {
    const { where } = await linkedPlace();
    const ada = await where.token();
    const bob = await where.token({ member: "bob", role: "admin" });
    const codes = async (change: Partial<ArgumentPolicy>) => {
      unwrap(await where.stub.putPolicies([policy({ require: "false", ...change })]));
      const answers = [
        await call(where, ada.token),
        await call(where, bob.token),
        await call(where, where.ownerKey),
      ];
      return answers.map(({ error }) => error?.code);
    };
    expect(await codes({ roles: ["developer"] })).toEqual(["policy.denied", undefined, undefined]);
    expect(await codes({ roles: ["owner"] })).toEqual([undefined, undefined, "policy.denied"]);
    expect(await codes({ members: ["bob"] })).toEqual([undefined, "policy.denied", undefined]);
    expect(await codes({ tokens: [ada.id] })).toEqual(["policy.denied", undefined, undefined]);
    expect(await codes({ tools: ["up__drop*"] })).toEqual([undefined, undefined, undefined]);
    expect(await codes({ tools: ["up__*"] })).toEqual(Array<string>(3).fill("policy.denied"));
    expect(await codes({ require: 'member == "bob" && tool == "up__echo"' })).toEqual([
      "policy.denied",
      undefined,
      "policy.denied",
    ]);
  });

  it("that names a token holds for what is made from it, by list and by expression", async () => {
    const { where } = await linkedPlace();
    const ada = await where.token();
    const grants = [
      await where.token({ parentId: ada.id }),
      await where.token({ parentId: ada.id }),
    ];
    const codes = async (change: Partial<ArgumentPolicy>) => {
      unwrap(await where.stub.putPolicies([policy({ require: "false", ...change })]));
      const answers = await Promise.all(grants.map(({ token }) => call(where, token)));
      return answers.map(({ error }) => error?.code);
    };
    expect(await codes({ tokens: [ada.id] })).toEqual(["policy.denied", "policy.denied"]);
    expect(await codes({ tokens: [grants[0]!.id] })).toEqual(["policy.denied", undefined]);
    const require = `token != "${ada.id}"`;
    expect(await codes({ require })).toEqual(["policy.denied", "policy.denied"]);
  });

  it("holds for runs and over RPC as it does over HTTP", async () => {
    const { where, sent } = await linkedPlace();
    unwrap(await where.stub.putPolicies([policy()]));
    const actor: SystemActor = { kind: "system", workspaceId: where.identity.id };
    const answer = await where.stub.callTool({
      actor,
      name: "up__echo",
      arguments: { amount: 1e6 },
    });
    expect(answer).toMatchObject({ ok: false, error: { code: "policy.denied" } });
    expect(sent()).toBe(0);
  });

  it.each(["args.amount <", "amount < 100", "nope(args)"])(
    "that can never work, as %s, is refused when it is made",
    async (require) => {
      const where = await place();
      const put = await where.stub.putPolicies([policy({ require })]);
      expect(put).toMatchObject({ ok: false, error: { code: "policy.expression" } });
      expect(unwrap(await where.stub.describe()).policies).toEqual([]);
    },
  );
});
