import type { Bot } from "../blueprint.ts";
import { isBot } from "../bot.ts";
import { suggest } from "../nearest.ts";
import type {
  BlueprintCheck,
  CheckSubject,
  KnownResources,
  PlatformNeed,
  Report,
} from "./check.ts";

/**
 * A bot talks somewhere, a workflow answers for it, and it has the secrets of its platforms; only what
 * bots start speaks into their conversation.
 */
export const checkBots: BlueprintCheck = (subject, report) => {
  checkSpeakers(subject, report);
  const { blueprint, known } = subject;
  blueprint.bots.forEach((bot, index) => {
    const { name, workflow, platforms } = bot;
    const path = `bots[${index}]`;
    if (workflow === undefined) {
      report({
        severity: "warning",
        code: "bot.no-workflow",
        path: `${path}.workflow`,
        message: `Bot "${name}" names no workflow: nothing would answer.`,
        fix: 'Name a workflow whose trigger has "source": "bot"; without one it cannot go live.',
      });
    }
    if (platforms.length === 0) {
      report({
        severity: "warning",
        code: "bot.no-platform",
        path: `${path}.platforms`,
        message: `Bot "${name}" talks on no platform.`,
        fix: 'Name at least one, e.g. "platforms": ["telegram"]; without one it cannot go live.',
      });
    }
    const flow = blueprint.workflows.find((one) => one.name === workflow);
    if (flow && !isBot(flow)) {
      report({
        severity: "warning",
        code: "bot.workflow-not-a-bot",
        path: `${path}.workflow`,
        message: `The workflow "${flow.name}" of bot "${name}" is started by something else.`,
        fix: `Set "source": "bot" in the trigger of "${flow.name}"; else the bot cannot go live.`,
      });
    }
    const needs = needsOf(bot, known);
    const declared = [...blueprint.secrets.map((one) => one.name), ...(known.secrets ?? [])];
    for (const { name: secret, purpose, hosts = [] } of needs) {
      if (declared.includes(secret)) continue;
      report({
        severity: "warning",
        code: "bot.secret-undeclared",
        path,
        message: `Bot "${name}" needs the secret "${secret}", which is not declared.`,
        fix: `Add ${JSON.stringify({ name: secret, purpose, hosts })} to \`secrets\`; until then it is declared so for you.`,
      });
    }
    const usual = known.platforms && platforms.flatMap((one) => known.platforms?.[one] ?? []);
    for (const renamed of Object.keys(bot.secrets ?? {})) {
      const names = usual?.map((one) => one.name);
      if (names === undefined || names.includes(renamed)) continue;
      report({
        code: "bot.unknown-secret",
        path: `${path}.secrets.${renamed}`,
        message: `No platform of bot "${name}" needs a secret that is usually named "${renamed}".`,
        fix: () => suggest(renamed, names, "secret"),
      });
    }
  });
};

function checkSpeakers({ workflows }: CheckSubject, report: Report): void {
  for (const { workflow, nodes } of workflows) {
    if (isBot(workflow)) continue;
    for (const { node, path, requirements } of nodes) {
      if (!requirements.conversation) continue;
      report({
        code: "conversation.none",
        path: `${path}.config`,
        message: `Node "${node.id}" speaks in a conversation, but no bot starts "${workflow.name}".`,
        fix: 'Set "source": "bot" in its trigger, or send to another channel.',
      });
    }
  }
}

/** Under the names that the bot gives them; none where the platforms are not known. */
export function needsOf({ platforms, secrets = {} }: Bot, known: KnownResources): PlatformNeed[] {
  return platforms
    .flatMap((one) => known.platforms?.[one] ?? [])
    .map((need) => ({ ...need, name: secrets[need.name] ?? need.name }));
}
