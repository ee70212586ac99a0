import { readLabels } from "../functions/text.ts";
import { act, actWith } from "./act.ts";
import type { Computation } from "./computation.ts";
import { addMessage } from "./messages.ts";
import type { Mention } from "./mentions.ts";
import { isMessaging } from "./act.ts";
import { titleOf } from "./naming.ts";
import * as steps from "./steps.ts";
import { toName } from "./text.ts";

/** One way out of a choice, with what is done there. */
interface Route {
  readonly label: string;
  readonly port: string;
  /** Services that the intent names for this label. */
  readonly own: readonly Mention[];
}

export interface Routes {
  readonly routes: readonly Route[];
  /** Services that every way uses. */
  readonly shared: readonly Mention[];
}

const ownPath =
  /\b(?:handlers?|right|own|different|respective|appropriate|matching|corresponding|departments?|teams?|queues?|folders?|go(?:es)? to|rout(?:e|es|ed|ing)|send(?:s)? (?:them|it) to|depending|differently)\b/i;

/** The ways that the intent asks for; undefined: it only names kinds, everything goes the same way. */
export function planRoutes({ known }: steps.Writing): Routes | undefined {
  if (!known.capabilities.has("switch")) return undefined;
  const labels = readLabels(known.english).slice(0, 6);
  const owned = new Map<string, Mention[]>();
  for (const mention of known.mentions) {
    const label =
      mention.role === "source" ? undefined : labelBefore(known.text, mention.start, labels);
    if (label) owned.set(label, [...(owned.get(label) ?? []), mention]);
  }
  if (owned.size === 0 && !ownPath.test(known.english)) return undefined;
  const routes = labels.map((label) => ({
    label,
    port: toName(label === "else" ? "other" : label),
    own: owned.get(label) ?? [],
  }));
  const taken = new Set([...owned.values()].flat());
  return { routes, shared: known.mentions.filter((mention) => !taken.has(mention)) };
}

/** The label that a service is said for: the last one before it, in the same breath. */
function labelBefore(text: string, start: number, labels: readonly string[]): string | undefined {
  const before =
    text
      .slice(Math.max(0, start - 50), start)
      .toLowerCase()
      .split(/[;.]/)
      .at(-1) ?? "";
  let best: { label: string; at: number } | undefined;
  for (const label of labels) {
    const at = before.lastIndexOf(label);
    if (at < 0 || (best && best.at > at)) continue;
    best = { label, at };
  }
  if (!best) return undefined;
  // Behind an enumeration ("as hot, warm or cold, then post to Slack") a service is for all of them.
  const after = before.slice(best.at + best.label.length);
  return /,.*,|\bthen\b|\ball\b|\beach\b|\beverybody\b|^,? (?:and|or) \w+\b(?! (?:ones|goes|go|to))/.test(
    after,
  )
    ? undefined
    : best.label;
}

/** A choice with a step of its own behind every port; what they share comes once, behind all of them. */
export function addRoutes(
  writing: steps.Writing,
  { routes, shared }: Routes,
  computed: { readonly id: string; readonly of: Computation } | undefined,
): readonly string[] {
  const { graph, known } = writing;
  const over = overOf(writing, computed);
  const cases = routes.map(({ label, port }) => ({
    port,
    when: `contains(lower(string(${over})), ${JSON.stringify(label)})`,
  }));
  const title = titleOf(known.phraseOf.get("switch") ?? known.english);
  const from = graph.add("logic", "route_by_kind", { cases }, title);
  const perLabel = shared.filter(
    ({ integration, role }) => isMessaging(integration) && role !== "source",
  );
  const noneOwned = routes.every(({ own }) => own.length === 0);
  const done: string[] = [];
  const ends: typeof graph.open = [];
  for (const route of routes) {
    graph.open = [{ from, port: route.port }];
    if (route.own.length > 0) done.push(...actWith(writing, computed, route.own));
    else done.push(handle(writing, route.label, noneOwned ? perLabel[0] : undefined));
    ends.push(...graph.open);
  }
  graph.open = [...ends, { from, port: "else" }];
  const rest = noneOwned ? shared.filter((mention) => !perLabel.includes(mention)) : shared;
  done.push(
    ...act(
      { ...writing, known: { ...known, mentions: rest, capabilities: without(known, "notify") } },
      computed,
    ),
  );
  return done;
}

function without({ capabilities }: steps.Writing["known"], gone: "notify") {
  return new Set([...capabilities].filter((one) => one !== gone));
}

/** What decides: a label that was computed, a model's answer, or what came. */
function overOf(
  { graph }: steps.Writing,
  computed: { readonly id: string; readonly of: Computation } | undefined,
): string {
  if (computed && Object.hasOwn(computed.of.output["properties"] ?? {}, "label"))
    return `steps.${computed.id}.output.label`;
  return graph.text ?? graph.data;
}

/** What happens to one kind when no service was named for it: a message of its own, or an event. */
function handle(writing: steps.Writing, label: string, channel: Mention | undefined): string {
  const { graph, build, known } = writing;
  const id = toName(`handle_${label}`, 38);
  const bot = known.surfaces.has("bot");
  if (channel && !bot)
    return addMessage(build, graph, channel.integration, {
      id: toName(`notify_${label}`, 38),
      title: `Tell those for ${label}`,
      subject: titleOf(label),
      text: `${titleOf(label)}\n${graph.said()}`,
    });
  if (known.capabilities.has("notify") && !bot)
    return addMessage(build, graph, steps.defaultChannel(), {
      id: toName(`notify_${label}`, 38),
      title: `Tell those for ${label}`,
      subject: titleOf(label),
      text: `${titleOf(label)}\n${graph.said()}`,
      assumed: true,
    });
  const data = `{{ ${graph.data} }}`;
  return graph.add("action", id, { emit: { type: toName(label, 60), data } }, `Handle ${label}`);
}
