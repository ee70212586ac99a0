import * as cues from "../vocabulary/cues.ts";
import { capabilities, type Capability } from "../vocabulary/capabilities.ts";
import { categories, type Category } from "../vocabulary/categories.ts";
import type { Integration } from "../vocabulary/integration.ts";
import { type Approval, readApproval, withoutAskers, withoutAsking } from "./approval-reading.ts";
import { blank } from "./approval-terms.ts";
import { type Callers, readCallers } from "./callers.ts";
import { type Condition, readConditions } from "./conditions.ts";
import { retrieveCapability } from "./capability-search.ts";
import { withGeneric } from "./generic-mentions.ts";
import { guessLanguage, toEnglish } from "./language.ts";
import { findMentions, type Mention } from "./mentions.ts";
import { type Delay, readDelay } from "./delay.ts";
import { type Recurrence, readRecurrence } from "./recurrence.ts";
import { normalise, splitClauses } from "./text.ts";

/** How a build is reached. */
export type Surface = "endpoint" | "webhook" | "schedule" | "bot" | "mcp";

/** What an intent says, before anything is decided about nodes. */
export interface Understanding extends Callers {
  /** As written, normalised. */
  readonly text: string;
  /** With structural words in English. */
  readonly english: string;
  readonly language: string;
  readonly clauses: readonly string[];
  readonly mentions: readonly Mention[];
  readonly avoided: readonly Integration[];
  readonly surfaces: ReadonlySet<Surface>;
  readonly recurrence: Recurrence | undefined;
  readonly capabilities: ReadonlySet<Capability>;
  /** The first clause that says it, for titles. */
  readonly phraseOf: ReadonlyMap<Capability, string>;
  /** On fields of the data, as they are spelled out. */
  readonly conditions: readonly Condition[];
  /** Between the start of a run and its message. */
  readonly delay: Delay | undefined;
  readonly needsApproval: boolean;
  /** Set where a person decides. */
  readonly approval: Approval | undefined;
  /** Named as a kind only: "the CRM". */
  readonly open: readonly Category[];
  readonly pure: boolean;
  /** Asks to change something that is there already. */
  readonly edits: boolean;
  readonly nature: "build" | "question" | "unclear";
}

export function understand(intent: string): Understanding {
  const text = normalise(intent);
  const language = guessLanguage(text);
  const english = toEnglish(text, language);
  const clauses = splitClauses(english);
  const { wanted, avoided } = findMentions(text);
  const approval = readApproval(english, withGeneric(english, wanted, avoided));
  const mentions = withGeneric(english, wanted, avoided).map((one) =>
    approval?.isChannelOnly && one.start === approval.channel?.start
      ? { ...one, role: "target" as const }
      : one,
  );
  const plain = approval ? blank(english, approval.asides) : english;
  const said = readRecurrence(plain);
  const delay = readDelay(plain, said);
  const recurrence = delay ? undefined : said;
  const acts = plain.replace(delay?.unless ?? "", "").replaceAll(/ {2,}/g, " ");
  const acting = approval ? withoutAskers(mentions, approval) : mentions;
  const found = readCapabilities(acts, acts === english ? clauses : splitClauses(acts), acting);
  const surfaces = readSurfaces(withoutChannel(plain, approval), mentions, recurrence);
  const conditions =
    surfaces.has("bot") || surfaces.has("mcp")
      ? []
      : readConditions(plain).filter((one) => !approval || !isDecided(one));
  if (
    conditions.some(growsOld) &&
    !cues.matches(cues.webhook, english) &&
    !surfaces.has("endpoint")
  ) {
    surfaces.delete("webhook");
    surfaces.add("schedule");
  }
  const callers = readCallers(english, mentions);
  if (callers.callerAuth.length > 0 && surfaces.size === 0) surfaces.add("endpoint");
  const pure = isPure(english, mentions, surfaces, found.set);
  const base = {
    text,
    english,
    language,
    clauses,
    mentions: mentions.filter((one) => one !== callers.askedBy),
    avoided,
    surfaces,
    recurrence: surfaces.has("schedule") ? (recurrence ?? readRecurrence("monitor")) : undefined,
    delay,
    capabilities: approval ? withoutAsking(found.set, english, approval) : found.set,
    phraseOf: found.phrases,
    conditions,
    needsApproval: approval !== undefined,
    approval,
    ...callers,
    open: readOpen(english, mentions, surfaces),
    pure,
    edits: isEdit(english),
  };
  return { ...base, nature: natureOf(base) };
}

/** Where people are asked is not where the run comes from. */
function withoutChannel(english: string, approval: Approval | undefined): string {
  if (!approval?.channel || !approval.isChannelOnly) return english;
  const { start, end } = approval.channel;
  return blank(english, [{ from: Math.max(0, start - 4), to: end }]);
}

/** "Add a retry to my checkout workflow", "change the daily report so that ...". */
function isEdit(english: string): boolean {
  return /^(?:please )?(?:add|change|rename|replace|remove|delete|update|move|switch|extend|modify|adjust|swap|turn off|disable|stop)\b.{0,60}?\b(?:my|our|the|existing|current)\b.{0,40}?\b(?:workflow|automation|bot|report|digest|alert|job|flow|endpoint|schedule|pipeline|scenario|zap)\b/i.test(
    english,
  );
}

/** "Unless otto has approved it" is no field of the data. */
function isDecided({ value }: Condition): boolean {
  return (
    typeof value !== "number" &&
    value.some((word) => /^(?:approved|rejected|declined|denied|confirmed|accepted)$/i.test(word))
  );
}

/** Nobody sends an event when time passes or a level falls: somebody has to look. */
function growsOld({ field, said }: Condition): boolean {
  return (
    /^(?:age|idle)_|_left$/.test(field) ||
    /^(?:balance|cpu|memory|stock|price|temperature) (?:drops|falls|above|below|under)/i.test(said)
  );
}

function readCapabilities(
  english: string,
  clauses: readonly string[],
  mentions: readonly Mention[],
) {
  const set = new Set<Capability>();
  const phrases = new Map<Capability, string>();
  for (const entry of capabilities) {
    if (!entry.says.test(english)) continue;
    set.add(entry.capability);
    phrases.set(entry.capability, clauses.find((clause) => entry.says.test(clause)) ?? english);
  }
  for (const clause of clauses) {
    if (set.size > 1 && capabilities.some(({ says }) => says.test(clause))) continue;
    const guess = retrieveCapability(clause);
    if (guess && guessable.has(guess) && !set.has(guess)) {
      set.add(guess);
      phrases.set(guess, clause);
    }
  }
  for (const { integration, role } of mentions) {
    if (integration.category === "database") set.add("store");
    if (integration.category === "vector") set.add("retrieve");
    if (integration.category === "model") set.add("model");
    if (integration.category === "chat" && role === "target") set.add("notify");
  }
  return { set, phrases };
}

/** What a nearest neighbour may add; a wrong one of the others costs a step that nobody asked for. */
const guessable: ReadonlySet<Capability> = new Set([
  "code",
  "model",
  "notify",
  "store",
  "act",
  "switch",
  "branch",
  "respond",
]);

const computes =
  /\b(?:scor|validat|classif|qualif|calculat|comput|rank|enrich|answer|return|respond)/i;

function readSurfaces(
  english: string,
  mentions: readonly Mention[],
  recurrence: Recurrence | undefined,
): Set<Surface> {
  const surfaces = new Set<Surface>();
  const chatNamed = mentions.some(({ integration }) =>
    ["chat", "sms"].includes(integration.category),
  );
  const isMcp = cues.matches(cues.mcp, english);
  if (isMcp) surfaces.add("mcp");
  const chatFirst = mentions.some(
    ({ integration, role }) => integration.category === "chat" && role === "source",
  );
  const isBot =
    cues.matches(cues.bot, english) ||
    (chatNamed && (cues.matches(cues.chatSource, english) || chatFirst));
  if (isBot && !isEdit(english) && !(isMcp && !/\bbot\b/i.test(english))) surfaces.add("bot");
  const pushes = mentions.some(
    ({ integration, role }) => integration.delivery === "push" && role === "source",
  );
  const saysEndpoint = cues.matches(cues.endpoint, english);
  const saysWebhook = cues.matches(cues.webhook, english);
  if (saysEndpoint && !isMcp) surfaces.add("endpoint");
  if (saysWebhook && !saysEndpoint && !surfaces.has("bot")) {
    // Who computes something for a caller answers the caller; everything else is taken and worked off.
    const answers =
      !pushes && computes.test(english) && !/web ?-?hook|callback|\bforms?\b/i.test(english);
    surfaces.add(answers ? "endpoint" : "webhook");
  }
  const isEvent = cues.matches(cues.event, english);
  if (surfaces.size === 0 && cues.tellMeWhen.test(english) && !pushes) surfaces.add("schedule");
  const inTime = recurrence !== undefined && (recurrence.exact || !surfaces.has("bot"));
  if (inTime && !(surfaces.has("bot") && !recurrence.exact) && !(isMcp && !recurrence.exact)) {
    const reactive = surfaces.has("webhook") || surfaces.has("endpoint") || pushes;
    if (
      recurrence.exact ||
      !reactive ||
      /\bevery|each|daily|weekly|hourly|remind|digest\b/i.test(english)
    ) {
      surfaces.add("schedule");
    }
  }
  if (isEvent && surfaces.size === 0) {
    if (pushes) surfaces.add("webhook");
    else if (
      mentions.some(({ integration, role }) => integration.delivery === "poll" && role === "source")
    )
      surfaces.add("schedule");
    else if (!cues.matches(cues.batch, english)) surfaces.add("webhook");
  }
  const reacts = cues.thingsThatHappen.test(english) && !cues.looksUp.test(english);
  if (surfaces.size === 0 && pushes && reacts && !cues.matches(cues.batch, english))
    surfaces.add("webhook");
  return surfaces;
}

function isPure(
  english: string,
  mentions: readonly Mention[],
  surfaces: ReadonlySet<Surface>,
  found: ReadonlySet<Capability>,
): boolean {
  if (mentions.length > 0 || surfaces.has("schedule") || surfaces.has("bot") || surfaces.has("mcp"))
    return false;
  const outward = (
    ["notify", "store", "model", "agent", "approval", "retrieve", "loop"] as const
  ).some((one) => found.has(one));
  if (outward) return false;
  return (
    cues.matches(cues.pureFunction, english) || (surfaces.has("endpoint") && found.has("code"))
  );
}

function readOpen(
  english: string,
  mentions: readonly Mention[],
  surfaces: ReadonlySet<Surface>,
): Category[] {
  return categories.filter((category) => {
    if (!category.says.test(english) || category.unless?.test(english)) return false;
    const answers = mentions.some(
      ({ integration, role }) =>
        category.answeredBy.includes(integration.category) &&
        // "by e-mail" names no mailbox: only a provider does.
        !(category.id === "mailbox" && integration.id === "email") &&
        (category.sources === undefined || role === "source"),
    );
    if (answers) return false;
    return !(category.id === "chat" && surfaces.has("bot"));
  });
}

const smallTalk =
  /^(?:hi|hello|hey|thanks?(?: you)?|good (?:morning|evening)|ok(?:ay)?|yes|no|test|help|lol|bye|who are you|how are you)\b.{0,25}$/i;
const asksForKnowledge =
  /^(?:what|why|who|where|when (?:do|does|did|is|was|will)|which|how (?:do|does|can|much|many|long|to|is|are|would|should)|is (?:it|there)|are there|do (?:i|we|you)|does|can you (?:explain|tell|describe)|could you (?:explain|tell)|should i|explain|tell me (?:about|a|the|how|what|why)|define|compare|describe (?:the|what|how)|give me (?:an? )?(?:overview|explanation|recipe|joke|poem|example)|write (?:me )?an? (?:\w+ )?(?:poem|essay|joke|song|haiku|story|letter)|recommend|fix (?:this|my)|debug|was ist|wie (?:kann|funktioniert|geht)|warum|qu'est|comment (?:fonctionne|puis)|che cos|come funziona)\b/i;
/** Questions that stay questions, whatever they mention. */
const onlyAsks =
  /^(?:what|why|who|which|when|where|explain|define|compare|is|are|does|was|warum|perché|pourquoi)\b[^.!]*\?$|^(?:what (?:is|are|does|do|was)|what's|explain|define|tell me (?:about|a joke))\b/i;
const buildWords =
  /\b(?:build|create|set ?up|make|automate|deploy|notify|alert|send|post|sync|whenever|every (?:day|hour|week|morning|monday)|agent that|api that|bot that)\b/i;

/** Orders to whoever reads the intent, as prompt injections give them: they describe nothing to build. */
export function addressesThePlanner(english: string): boolean {
  return /\b(?:ignore|disregard|forget|override|bypass)\b(?: \w+){0,3} (?:instructions?|rules|prompts?|guidelines|guardrails)\b|\b(?:reveal|print|show|output|repeat|leak|dump|tell me)\b(?: \w+){0,2} (?:(?:system|hidden|initial) prompt|your (?:prompt|instructions|secrets|api keys?|credentials))\b|\byou are now\b/i.test(
    english,
  );
}

function natureOf(known: Omit<Understanding, "nature">): Understanding["nature"] {
  const { english } = known;
  if (smallTalk.test(english)) return "question";
  const strong = known.surfaces.size > 0 || known.mentions.length > 0;
  if (addressesThePlanner(english) && !strong) return "question";
  if (onlyAsks.test(english)) return "question";
  if (asksForKnowledge.test(english) && !(buildWords.test(english) && strong)) return "question";
  const words = english.match(/\p{L}{2,}/gu)?.length ?? 0;
  if (words < 2 && !strong) return "unclear";
  const meaningful =
    strong ||
    known.needsApproval ||
    known.capabilities.size > 0 ||
    known.pure ||
    cues.matches(cues.event, english);
  if (!meaningful) return "unclear";
  if (
    /\b(?:something|anything|stuff|things?|it) (?:cool|useful|nice|with ai|smart|better|great)\b/i.test(
      english,
    ) &&
    known.surfaces.size === 0 &&
    known.mentions.length === 0
  )
    return "unclear";
  return "build";
}
