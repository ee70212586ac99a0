import type { Integration } from "../vocabulary/integration.ts";
import type { Computation } from "./computation.ts";
import type { Mention, Role } from "./mentions.ts";
import { addMessage } from "./messages.ts";
import { messageText } from "./message-text.ts";
import { subjectOf, titleOf } from "./naming.ts";
import { addServiceCall, connect, decide } from "./services.ts";
import * as steps from "./steps.ts";
import { toName } from "./text.ts";
import { bestWay, type Way } from "./ways.ts";
import { blank } from "./approval-terms.ts";

/** Whether people read what is sent there. */
export function isMessaging({ category, id }: Integration): boolean {
  return ["chat", "email", "sms"].includes(category) && id !== "imap";
}

function isMessage(integration: Integration, role: Role): boolean {
  return isMessaging(integration) && !(integration.category === "email" && role === "source");
}

const directly =
  /\b(?:dms?|dm'?s|(?:direct|private) messages?|messages? \w+ (?:directly|privately))\b/i;

/** The service that was read is changed as well. */
const changesBack = /\b(?:back|label|move|update|comment|reply|tag|mark|archive)\b/i;

/** Everything that changes the outside: stores, services, messages. */
export function act(
  writing: steps.Writing,
  computed?: { of: Computation; id: string },
): readonly string[] {
  const { known } = writing;
  const done: string[] = [];
  const bot = known.surfaces.has("bot");
  if (wantsStore(writing)) {
    steps.addStore(writing, "write");
    done.push("db_save");
  }
  done.push(...actWith(writing, computed, known.mentions));
  if (
    known.capabilities.has("notify") &&
    !bot &&
    !known.mentions.some(({ integration }) => isMessaging(integration))
  ) {
    done.push(tell(writing, computed, steps.defaultChannel(), true));
  }
  if (done.length === 0 && isForSomething(writing)) done.push(addOpenAction(writing));
  return done;
}

/** Something is to be done after an approval, as against an answer that is all there is to get. */
function isForSomething({ known, build }: steps.Writing): boolean {
  if (!known.approval) return false;
  if (!Object.hasOwn(build.catalogue, "human_review")) return true;
  const { asides, clauses } = known.approval;
  const rest = blank(known.english, [...asides, ...clauses]);
  return /\b(?:before|after|then|once|only|until|and(?! (?:she|he|they)\b)|so that)\b\W*\w/i.test(
    rest,
  );
}

/** A step for each of these services. A service whose news start the run is written only where that is said. */
export function actWith(
  writing: steps.Writing,
  computed: { of: Computation; id: string } | undefined,
  mentions: readonly Mention[],
): readonly string[] {
  const { build, known } = writing;
  const used = build.read;
  const talksOn = known.mentions.find(({ integration }) => integration.category === "chat");
  const reacts = known.surfaces.has("webhook");
  const start = writing.graph.open;
  const ends: typeof start = [];
  const atOnce = known.capabilities.has("parallel") && mentions.length > 1;
  const done = mentions.flatMap(({ integration, role }) => {
    if (atOnce && writing.graph.open !== start) {
      ends.push(...writing.graph.open);
      writing.graph.open = start;
    }
    if (["model", "vector"].includes(integration.category)) return [];
    if (isMessage(integration, role)) {
      const answers = known.surfaces.has("bot") && integration.id === talksOn?.integration.id;
      return answers ? [] : [tell(writing, computed, integration)];
    }
    const changes = role === "source" && changesBack.test(known.english);
    const only = mentions.length === 1;
    const starts = role === "source" && reacts && integration.delivery === "push" && !only;
    return changes || !(used.has(integration.id) || starts) ? [write(writing, integration)] : [];
  });
  if (ends.length > 0) writing.graph.open = [...ends, ...writing.graph.open];
  return done;
}

function wantsStore({ known }: steps.Writing): boolean {
  const elsewhere = ["database", "table", "crm", "files", "cloud"];
  return (
    known.capabilities.has("store") &&
    !known.pure &&
    !known.mentions.some(({ integration }) => elsewhere.includes(integration.category)) &&
    /\b(?:save|sav|store|insert|upsert|persist|record|update|create|log|track|keep|mark|remember|database)\w*\b/i.test(
      known.english,
    )
  );
}

/** Of several messages only the one that is said together with the time. */
function isPutOff({ delay, mentions }: steps.Writing["known"], { id }: Integration): boolean {
  const told = mentions.filter(({ integration }) => isMessaging(integration));
  if (!delay || told.length < 2) return delay !== undefined;
  const said = told.filter(({ start }) => start >= delay.from && start < delay.to);
  return (said.length > 0 ? said : told).some(({ integration }) => integration.id === id);
}

function tell(
  writing: steps.Writing,
  computed: { of: Computation; id: string } | undefined,
  integration: Integration,
  assumed = false,
): string {
  const { build, graph, known } = writing;
  return addMessage(build, graph, integration, {
    id: assumed ? "notify" : toName(`notify_${integration.id}`),
    title: assumed ? "Tell people" : `Tell ${integration.name}`,
    subject: titleOf(known.text).slice(0, 80),
    text: messageText(writing, computed, subjectOf(known.english)),
    assumed,
    direct: directly.test(known.english),
    ...(isPutOff(known, integration) ? { after: known.delay?.minutes ?? 0 } : {}),
  });
}

/** Through a tool that the workspace has for the service, else over its API. */
function write(writing: steps.Writing, integration: Integration): string {
  const { build, graph, existing } = writing;
  const prefix = steps.prefixOf(integration, "write");
  const mine = existing.filter(
    ({ name }) => name.split("__")[0]?.replaceAll("_", "-") === integration.id,
  );
  const tool =
    mine.find(({ name }) => /__(?:create|add|append|send|post|write|update|insert)/.test(name)) ??
    mine[0];
  const byCall: Way<() => string> = {
    needs: ["action"],
    write: () => callApi(writing, integration, prefix),
  };
  if (!tool) return byCall.write();
  const byTool = () => {
    connect(build, integration, false);
    const properties = Object.keys(tool.inputSchema?.["properties"] ?? {});
    const value = graph.said();
    const config = {
      tool: tool.name,
      arguments: Object.fromEntries(properties.map((name) => [name, value])),
    };
    return graph.add("mcp_tool", toName(`${prefix}_${integration.id}`), config, `Use ${tool.name}`);
  };
  return bestWay(build.catalogue, [{ needs: ["mcp_tool"], write: byTool }, byCall])();
}

function callApi(writing: steps.Writing, integration: Integration, prefix: string): string {
  const { build, graph, known } = writing;
  const thing = /\b(deal|note|summary)s?\b/i
    .exec(known.english)?.[1]
    ?.toLowerCase()
    .replace("summary", "note");
  return addServiceCall(build, graph, integration, {
    direction: "write",
    id: toName(`${prefix}_${integration.id}`),
    title: `Write to ${integration.name}`,
    body: { data: graph.said() },
    subject: `New ${subjectOf(known.english)}`,
    ...(thing ? { thing } : {}),
  });
}

/** What is to be done after an approval when no service was named for it. */
function addOpenAction({ build, graph }: steps.Writing): string {
  const url = decide(
    build,
    "action_url",
    "Address that carries out what was approved.",
    "https://action.example.com/",
  );
  build.egress.add(new URL(url).host);
  const body = { request: `{{ ${graph.data} }}` };
  return graph.add("action", "do_it", { method: "POST", url, body }, "Do what was approved");
}
