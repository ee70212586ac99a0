import type { Blueprint } from "#blueprints/blueprint";
import { liveBotOf, needsOf } from "#edge/bots/live-bot";
import type { LiveEndpoint } from "#edge/gateway/live-items";
import {
  type CompiledItem,
  type CompiledRequirements,
  type CompiledResource,
  nothingRequired,
} from "./compiled.ts";

const requires = (workflow: string, secrets: string[] = []): CompiledRequirements => ({
  ...nothingRequired,
  workflows: [workflow],
  secrets,
});

/** What starts workflows: endpoints, webhooks and schedules; and bots and teams. */
export function compileTriggers(blueprint: Blueprint): CompiledItem[] {
  return [
    ...blueprint.endpoints.map((item): CompiledItem => {
      const { name, workflow, description, auth } = item;
      const callback = callbackOf(item, blueprint);
      const definition = { workflow, description, auth, ...(callback ? { callback } : {}) };
      const compiled: CompiledResource = {
        live: { kind: "endpoint", name, version: 0, definition },
        requires: requires(workflow, callback ? [callback.secret] : []),
      };
      return { kind: "endpoint", name, definition: item, compiled };
    }),
    ...blueprint.webhooks.map((item): CompiledItem => {
      const { name, workflow, sender, secret } = item;
      const definition = { id: "", workflow, sender, ...(secret === undefined ? {} : { secret }) };
      const compiled: CompiledResource = {
        live: { kind: "webhook", name, version: 0, definition },
        requires: requires(workflow, secret === undefined ? [] : [secret]),
      };
      return { kind: "webhook", name, definition: item, compiled };
    }),
    ...blueprint.schedules.map((item): CompiledItem => {
      const { name, input, ...times } = item;
      const definition = { ...times, ...(input === undefined ? {} : { input }) };
      const compiled: CompiledResource = {
        live: { kind: "schedule", name, version: 0, definition },
        requires: requires(item.workflow),
      };
      return { kind: "schedule", name, definition: item, compiled };
    }),
    ...blueprint.bots.map((item): CompiledItem => {
      const definition = liveBotOf(item);
      const compiled: CompiledResource = {
        ...(definition ? { live: { kind: "bot", name: item.name, version: 0, definition } } : {}),
        requires: requires(
          item.workflow ?? item.name,
          needsOf(item).map(({ name }) => name),
        ),
      };
      return { kind: "bot", name: item.name, definition: item, compiled };
    }),
    ...blueprint.teams.map((item): CompiledItem => {
      return {
        kind: "team",
        name: item.name,
        definition: item,
        compiled: { requires: nothingRequired },
      };
    }),
  ];
}

function callbackOf(
  { callback }: Blueprint["endpoints"][number],
  { secrets }: Blueprint,
): LiveEndpoint["callback"] {
  if (callback === undefined) return undefined;
  const { secret, url } = callback;
  const hosts = secrets.find(({ name }) => name === secret)?.hosts ?? [];
  return { secret, hosts, ...(url === undefined ? {} : { url }) };
}
