import { afterEach, expect, it, vi } from "vitest";
import { toWireError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import type { BlueprintInput } from "#blueprints/blueprint";
import { workspaceStub } from "#edge/gateway/stub";
import { createResources } from "#edge/deploy/create";
import { deleteResource } from "#edge/deploy/delete";
import { testAccount } from "#edge/deploy/deploy.fixture";
import { deployResources } from "#edge/deploy/deploy";
import { getResource } from "#edge/deploy/get";
import { listResources } from "#edge/deploy/resources";
import { rollback } from "#edge/deploy/rollback";
import { deliver, heard, liveBot, vendors } from "./chat.fixture.ts";
import { plainBot, token, update, webhookSecret } from "./telegram.fixture.ts";

afterEach(() => vi.restoreAllMocks());

const failure = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => toWireError(error),
  );

it("a bot is deployed, changed, rolled back and deleted, under one address", async () => {
  const { texts } = vendors();
  const name = "bot-life";
  const { services, actor, url, deployed } = await liveBot(plainBot([], "First."), name);
  expect(url).toMatch(/\/bots\/bot_[\w-]{43}\/telegram$/);
  const bot = deployed.resources.find(({ kind }) => kind === "bot")!;
  const say = async (id: number) => {
    await deliver(url, update(id, "Hello"));
    await heard(texts, id);
    return texts().at(-1);
  };
  expect(await say(1)).toBe("First.");

  const other = plainBot([], "Other.", {
    workflows: [
      {
        name: "second",
        nodes: [{ id: "start", type: "trigger", config: { source: "bot" } }],
        output: "Second.",
      },
    ],
  });
  const blueprint = { ...other, bots: [{ ...other.bots![0]!, workflow: "second" }] };
  const { blueprintId } = await createResources(services, actor, { blueprint, workspace: name });
  const again = await deployResources(services, actor, { blueprintId });
  expect(again.resources.find(({ kind }) => kind === "bot")?.urls).toEqual({ telegram: url });
  expect(await say(2)).toBe("Second.");
  await rollback(services, actor, { resource: bot.id });
  expect(await say(3)).toBe("Other.");

  const got = await getResource(services, actor, { kind: "bot", id: "plain", workspace: name });
  expect(JSON.stringify(got)).toContain(url);
  const { items } = await listResources(services, actor, { kind: "bot", workspace: name });
  expect(items).toMatchObject([{ name: "plain", state: "live" }]);
  const flow = { kind: "workflow", id: "turn", workspace: name } as const;
  expect(await failure(deleteResource(services, actor, flow))).toMatchObject({
    code: "resource.in-use",
  });
  await deleteResource(services, actor, { kind: "bot", id: bot.id });
  expect((await deliver(url, update(4, "Hello"))).status).toBe(401);

  // Another bot of that name has another address, and the old one stays dead.
  const { blueprintId: reborn } = await createResources(services, actor, {
    blueprint,
    workspace: name,
  });
  const { resources } = await deployResources(services, actor, { blueprintId: reborn });
  const next = resources.find(({ kind }) => kind === "bot")?.urls["telegram"] ?? "";
  expect(next).not.toBe(url);
  expect((await deliver(url, update(4, "Hello"))).status).toBe(401);
  await deliver(next, update(4, "Hello"));
  await heard(texts, 4);
});

it("asks for the secrets of its platforms, under the names that it gives them", async () => {
  const { texts } = vendors();
  const { services, actor } = await testAccount("bot-secrets");
  const plain = plainBot([]);
  const secrets = { TELEGRAM_WEBHOOK_SECRET: "DESK_SECRET" };
  const blueprint = { ...plain, bots: [{ ...plain.bots![0]!, secrets }] };
  const workspace = "bot-secrets";
  const created = await createResources(services, actor, { blueprint, workspace });
  expect(created.secrets.map(({ name, state }) => [name, state])).toEqual([
    ["TELEGRAM_BOT_TOKEN", "missing"],
    ["DESK_SECRET", "missing"],
  ]);
  expect(created.warnings.map(({ code }) => code)).toEqual(Array(2).fill("bot.secret-undeclared"));
  const { blueprintId } = created;
  expect(await failure(deployResources(services, actor, { blueprintId }))).toMatchObject({
    code: "deploy.secrets-missing",
    details: { secrets: [{ name: "TELEGRAM_BOT_TOKEN" }, { name: "DESK_SECRET" }] },
  });
  const stub = workspaceStub(services.env, created.workspace.id);
  unwrap(await stub.putSecret("TELEGRAM_BOT_TOKEN", token));
  unwrap(await stub.putSecret("DESK_SECRET", webhookSecret));
  const states = unwrap(await stub.listSecrets());
  expect(states.map(({ name, hosts }) => [name, hosts])).toEqual([
    ["DESK_SECRET", []],
    ["TELEGRAM_BOT_TOKEN", ["api.telegram.org"]],
  ]);
  const { resources } = await deployResources(services, actor, { blueprintId });
  const url = resources.find(({ kind }) => kind === "bot")?.urls["telegram"] ?? "";
  expect((await deliver(url, update(1, "Hello"))).status).toBe(200);
  await heard(texts, 1);
});

it.each<[string, string, Partial<BlueprintInput>]>([
  ["deploy.bot-incomplete", "no workflow", { bots: [{ name: "plain", platforms: ["telegram"] }] }],
  ["deploy.bot-incomplete", "no platform", { bots: [{ name: "plain", workflow: "turn" }] }],
  [
    "deploy.not-a-bot",
    "started by something else",
    {
      workflows: [
        { name: "turn", nodes: [{ id: "start", type: "trigger", config: { source: "endpoint" } }] },
      ],
    },
  ],
  ["deploy.not-supported", "a team", { teams: [{ name: "all", bots: ["plain"] }] }],
])("%s: %s, with what to do, and nothing changed", async (code, what, change) => {
  const name = `bot-refused-${what.replaceAll(" ", "-")}`;
  const { services, actor } = await testAccount(name);
  const blueprint = { ...plainBot([]), ...change };
  const { blueprintId } = await createResources(services, actor, { blueprint, workspace: name });
  expect(await failure(deployResources(services, actor, { blueprintId }))).toMatchObject({
    code,
    fix: expect.any(String),
  });
  const { items } = await listResources(services, actor, { kind: "bot", workspace: name });
  expect(items).toMatchObject([{ state: "draft" }]);
});
