import type { Blueprint, SecretDeclaration } from "../blueprint.ts";
import { suggest } from "../nearest.ts";
import { needsOf } from "./bots.ts";
import type { BlueprintCheck, CheckSubject } from "./check.ts";
import { hostAllowed } from "./hosts.ts";
import { templateUses } from "./template-uses.ts";

/** Something that needs a secret. `hosts`: where it goes; undefined where that is not known yet. */
interface SecretUse {
  readonly name: string;
  readonly path: string;
  readonly hosts?: readonly string[];
  /** Declared by itself where the blueprint does not: `checkBots` tells of it. */
  readonly isMade?: true;
}

/** Secrets are declared before they are used, may go where they are needed, and are all used. */
export const checkSecrets: BlueprintCheck = (subject, report) => {
  const { blueprint, known } = subject;
  const declared = new Map(blueprint.secrets.map((secret) => [secret.name, secret]));
  const names = [...declared.keys(), ...(known.secrets ?? [])];
  const used = usesOf(subject);
  for (const { name, path, hosts, isMade } of used) {
    const secret = declared.get(name);
    if (!secret && !isMade && !names.includes(name)) {
      report({
        code: "secret.undeclared",
        path,
        message: `The secret "${name}" is used here, but not declared.`,
        fix: () => `${suggest(name, names, "secret")} Declared secrets stand in \`secrets\`.`,
      });
    }
    for (const host of secret ? unreached(secret, hosts ?? []) : []) {
      report({
        code: "secret.host-not-allowed",
        path,
        message: `The secret "${name}" is needed for "${host}", but is not bound to that host.`,
        fix: `Add "${host}" to the hosts of secret "${name}".`,
      });
    }
  }
  const needed = new Set(used.map(({ name }) => name));
  const isGuessed = blueprint.bots.length > 0 && !known.platforms;
  blueprint.secrets.forEach((secret, index) => {
    if (isGuessed || needed.has(secret.name)) return;
    report({
      severity: "warning",
      code: "secret.unused",
      path: `secrets[${index}]`,
      message: `Nothing uses the secret "${secret.name}".`,
      fix: "Remove it, or use it: a person would be asked to enter it for nothing.",
    });
  });
};

/** A `url` secret is bound to its own host. */
function unreached({ kind, hosts }: SecretDeclaration, wanted: readonly string[]): string[] {
  return kind === "url" ? [] : wanted.filter((host) => !hostAllowed(host, hosts));
}

function usesOf({ blueprint, workflows, known }: CheckSubject): SecretUse[] {
  const inNodes = workflows.flatMap((view) =>
    view.nodes.flatMap(({ path, requirements }): SecretUse[] => {
      const hosts = requirements.hosts ?? [];
      return (requirements.secrets ?? []).map((name) => ({ name, path: `${path}.config`, hosts }));
    }),
  );
  const inTemplates = workflows.flatMap((view) =>
    templateUses(view).flatMap(({ path, paths, node }) =>
      paths.flatMap(({ path: [root, name] }): SecretUse[] =>
        root === "secrets" && typeof name === "string"
          ? [{ name, path, hosts: node?.requirements.hosts ?? [] }]
          : [],
      ),
    ),
  );
  const inBots = blueprint.bots.flatMap((bot, index) =>
    needsOf(bot, known).map(({ name, hosts = [] }): SecretUse => {
      return { name, path: `bots[${index}]`, hosts, isMade: true };
    }),
  );
  return [...inNodes, ...inTemplates, ...inBots, ...usesOfResources(blueprint)];
}

function usesOfResources({ functions, mcps, webhooks, endpoints }: Blueprint): SecretUse[] {
  return [
    ...functions.flatMap(({ secrets }, index) =>
      secrets.map((name) => ({ name, path: `functions[${index}].secrets` })),
    ),
    ...mcps.flatMap(({ secrets, auth, url }, index) => [
      ...secrets.map((name) => ({ name, path: `mcps[${index}].secrets` })),
      ...(auth.type === "header"
        ? [{ name: auth.secret, path: `mcps[${index}].auth.secret`, ...hostOfServer(url) }]
        : []),
    ]),
    ...endpoints.flatMap(({ callback }, index) => {
      if (callback === undefined) return [];
      const path = `endpoints[${index}].callback.secret`;
      return [{ name: callback.secret, path, ...hostOfServer(callback.url) }];
    }),
    ...webhooks.flatMap(({ secret }, index) =>
      secret === undefined ? [] : [{ name: secret, path: `webhooks[${index}].secret` }],
    ),
  ];
}

function hostOfServer(url: string | undefined): { hosts?: string[] } {
  return url !== undefined && URL.canParse(url) ? { hosts: [new URL(url).host] } : {};
}
