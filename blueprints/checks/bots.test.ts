import { expect, it } from "vitest";
import { z } from "zod";
import type { BlueprintInput } from "../blueprint.ts";
import { checkBlueprint } from "../check.ts";
import { catalogueFixture } from "../check.fixture.ts";
import { defineNode } from "../node.ts";

const platforms = {
  telegram: [
    { name: "TELEGRAM_BOT_TOKEN", purpose: "Token.", hosts: ["api.telegram.org"] },
    { name: "TELEGRAM_WEBHOOK_SECRET", purpose: "Made up." },
  ],
};
const say = defineNode({
  type: "say",
  title: "",
  summary: "",
  description: "",
  examples: [],
  config: z.strictObject({}),
  output: z.unknown(),
  ports: () => ["next"],
  effect: () => "external",
  requires: () => ({ conversation: true }),
  run: () => Promise.reject(new Error("checks never run a node")),
});
const declared = [
  { name: "TELEGRAM_BOT_TOKEN", purpose: "", hosts: ["api.telegram.org"] },
  { name: "TELEGRAM_WEBHOOK_SECRET", purpose: "" },
];
const bot = { name: "desk", workflow: "turn", platforms: ["telegram" as const] };

function issuesOf(change: Partial<BlueprintInput>, source = "bot") {
  const workflow = {
    name: "turn",
    nodes: [
      { id: "start", type: "trigger", config: { source } },
      { id: "speak", type: "say" },
    ],
    edges: [{ from: "start", to: "speak" }],
  };
  const blueprint = { name: "desk", workflows: [workflow], bots: [bot], secrets: declared };
  return checkBlueprint({ ...blueprint, ...change }, { ...catalogueFixture, say }, { platforms })
    .issues;
}

it("finds nothing wrong with a whole bot", () => {
  expect(issuesOf({})).toEqual([]);
});

it.each<[string, string, RegExp, Partial<BlueprintInput>]>([
  [
    "bot.no-workflow",
    "bots[0].workflow",
    /"source": "bot"/,
    { bots: [{ name: "desk", platforms: ["telegram"] }] },
  ],
  [
    "bot.no-platform",
    "bots[0].platforms",
    /\["telegram"\]/,
    { bots: [{ name: "desk", workflow: "turn" }], secrets: [] },
  ],
  [
    "bot.secret-undeclared",
    "bots[0]",
    /"TELEGRAM_BOT_TOKEN".*"api\.telegram\.org"/,
    { secrets: declared.slice(1) },
  ],
  [
    "bot.secret-undeclared",
    "bots[0]",
    /"OWN_TOKEN"/,
    {
      bots: [{ ...bot, secrets: { TELEGRAM_BOT_TOKEN: "OWN_TOKEN" } }],
      secrets: declared.slice(1),
    },
  ],
  [
    "bot.unknown-secret",
    "bots[0].secrets.SLACK_TOKEN",
    /TELEGRAM/,
    { bots: [{ ...bot, secrets: { SLACK_TOKEN: "OWN_TOKEN" } }] },
  ],
  [
    "secret.host-not-allowed",
    "bots[0]",
    /api\.telegram\.org/,
    { secrets: [{ name: "TELEGRAM_BOT_TOKEN", purpose: "" }, ...declared.slice(1)] },
  ],
])("tells %s at %s", (code, path, fix, change) => {
  const found = issuesOf(change).map((issue) => [issue.code, issue.path, issue.fix]);
  expect(found).toEqual([[code, path, expect.stringMatching(fix)]]);
});

it("knows a workflow that bots do not start, and that nothing speaks there", () => {
  expect(issuesOf({}, "endpoint").map(({ code, path }) => [code, path])).toEqual([
    ["conversation.none", "workflows[0].nodes[1].config"],
    ["bot.workflow-not-a-bot", "bots[0].workflow"],
  ]);
});

it("refuses a platform that there is not", () => {
  const issues = issuesOf({ bots: [{ ...bot, platforms: ["icq"] as never }] });
  expect(issues).toMatchObject([{ severity: "error", path: "bots[0].platforms[0]" }]);
});
