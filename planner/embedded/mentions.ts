import { integrations } from "../vocabulary/integrations/index.ts";
import type { Integration } from "../vocabulary/integration.ts";
import { type Token, tokenize } from "./text.ts";

/** Where data comes from, where it goes, or who thinks. */
export type Role = "source" | "target" | "model";

export interface Mention {
  readonly integration: Integration;
  readonly start: number;
  readonly end: number;
  readonly role: Role;
}

export interface Mentions {
  readonly wanted: readonly Mention[];
  /** Named only to say that it must not be used. */
  readonly avoided: readonly Integration[];
}

let index: Map<string, Integration> | undefined;

function aliasIndex(): Map<string, Integration> {
  if (index) return index;
  index = new Map();
  for (const integration of integrations) {
    for (const alias of integration.aliases) {
      index.set(
        tokenize(alias)
          .map(({ word }) => word)
          .join(" "),
        integration,
      );
    }
  }
  return index;
}

const negation =
  /\blike (?:our|the|my|your|their) $|\b(?:not|never|without|don't|do not|doesn't|avoid(?:ing)?|instead of|rather than|except|no|moving away from|migrat\w+ (?:away )?from|replac(?:e|es|ing))(?: (?:use|using|via|through|post|posting|send|sending|to|in|on|it|the|with|any|our|into|touch|involve|need)){0,4} (?:the |our |my )?$/i;
const targetBefore =
  /\b(?:to|into|in|via|on|through|notify|alert|ping|tell|inform|message|post|send|publish|share|update|append|save|store|log|sync|push|write|upload|create|creates?|open|add|adds?)\b(?:\W+[\w'#-]+){0,4}\W*$/i;

/** Services that are named, in order, each once; longest names first, so `Google Sheets` is one. */
export function findMentions(text: string): Mentions {
  const tokens = tokenize(text);
  const wanted: Mention[] = [];
  const avoided: Integration[] = [];
  const seen = new Set<string>();
  for (let at = 0; at < tokens.length; at++) {
    const found = longestAt(tokens, at, text);
    if (!found) continue;
    const { integration, length } = found;
    const start = tokens[at]?.start ?? 0;
    const end = tokens[at + length - 1]?.end ?? start;
    at += length - 1;
    const before = text.slice(Math.max(0, start - 60), start);
    if (negation.test(before)) {
      avoided.push(integration);
      continue;
    }
    if (seen.has(integration.id)) continue;
    seen.add(integration.id);
    wanted.push({ integration, start, end, role: roleOf(integration, text, start) });
  }
  for (const mention of findUnknown(text, wanted)) wanted.push(mention);
  const names = new Set(avoided.map(({ id }) => id));
  return { wanted: wanted.filter(({ integration }) => !names.has(integration.id)), avoided };
}

function longestAt(tokens: readonly Token[], at: number, text: string) {
  for (let length = Math.min(4, tokens.length - at); length > 0; length--) {
    const slice = tokens.slice(at, at + length);
    const key = slice.map(({ word }) => word).join(" ");
    const integration = aliasIndex().get(key) ?? aliasIndex().get(key.replace(/-based$/, ""));
    if (!integration) continue;
    if (length === 1 && integration.ambiguous && key === integration.name.toLowerCase()) {
      const first = slice[0];
      if (!first || !isName(text, first)) continue;
    }
    return { integration, length };
  }
  return undefined;
}

const nameFollowers = new Set(
  "bot assistant app api account workspace board integration webhook chatbot agent crm inbox".split(
    " ",
  ),
);

/** An ordinary word counts as a name only where it is written like one. */
function isName(text: string, { start, end }: Token): boolean {
  const written = text.slice(start, end);
  const next = /^\s+(\w+)/.exec(text.slice(end))?.[1]?.toLowerCase();
  if (next && nameFollowers.has(next)) return true;
  if (!/^\p{Lu}/u.test(written)) return false;
  if (/^\p{Lu}{3,}$/u.test(written)) return true;
  const before = text.slice(0, start).trimEnd();
  return before !== "" && !/[.!?:;]$/.test(before);
}

const fromThere =
  /\b(?:when|whenever|once|after|new|from|incoming|watch|monitor|poll|reads?|fetch|pull|every|each|asks?|for)\b/gi;
const toThere =
  /\b(?:notif(?:y|ies)|alerts?|pings?|tells?|informs?|posts?|sends?|publish|share|append|save|store|log|sync|push|write|upload|create|open|adds?|update|report|announce|forward|warn|escalate|nag|messages?|put|to|into|(?:me|us|them|everyone|sales|support|team) (?:on|in|via|by|over|through))\b/gi;

/** The last thing that is said before the name decides: "when it fails, notify us in ..." */
function roleOf(integration: Integration, text: string, start: number): Role {
  if (integration.category === "model") return "model";
  if (integration.delivery === "none") return "target";
  const before = text.slice(Math.max(0, start - 60), start);
  const clause = before.split(/[,;:.]|\band\b|\bthen\b|->/i).at(-1) ?? before;
  const from = lastIndex(fromThere, clause);
  const to = lastIndex(toThere, clause);
  if (from !== to) return to > from ? "target" : "source";
  if (to < 0 && targetBefore.test(before) && start > 12) return "target";
  return start < text.length / 2 ? "source" : "target";
}

function lastIndex(pattern: RegExp, text: string): number {
  return [...text.matchAll(pattern)].at(-1)?.index ?? -1;
}

const unknownName =
  /\b(?:calls?|via|using|through|query|queries) (?:the )?(\p{Lu}\p{Ll}+(?:\p{Lu}\p{L}*)?)\b(?! (?:team|channel|folder|list|table))|\b([A-Z][a-z]+[A-Z][a-z]+\w*|[A-Za-z][\w-]+\.(?:io|ai|so|app|dev))\b/gu;
const notServices = new Set(
  "oauth graphql javascript typescript powerpoint wifi github latex macos iphone ipad ebook linkedin english german french spanish italian hebrew chinese japanese monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december google microsoft apple amazon meta node.js next.js".split(
    " ",
  ),
);

/** Names of services that stand in no table: written like a product, or called outright. */
function findUnknown(text: string, known: readonly Mention[]): Mention[] {
  const found: Mention[] = [];
  for (const match of text.matchAll(unknownName)) {
    const name = match[1] ?? match[2] ?? "";
    const start = match.index + match[0].lastIndexOf(name);
    const end = start + name.length;
    const overlaps = known.some((one) => one.start < end && start < one.end);
    const id = name.toLowerCase();
    const isAddress = text[start - 1] === "@";
    if (overlaps || isAddress || notServices.has(id) || aliasIndex().has(id)) continue;
    if (found.some(({ integration }) => integration.id === id)) continue;
    const integration: Integration = {
      id,
      name,
      category: "other",
      host: undefined,
      delivery: "none",
      aliases: [id],
      ambiguous: false,
    };
    found.push({ integration, start, end, role: "target" });
  }
  return found.slice(0, 5);
}
