import { capabilities, type Capability } from "../vocabulary/capabilities.ts";
import * as cues from "../vocabulary/cues.ts";
import {
  type Aside,
  blank,
  readAsides,
  readEscalation,
  readForm,
  readOutcome,
  readReminder,
  readTimeout,
} from "./approval-terms.ts";
import type { Mention } from "./mentions.ts";
import { type Reviewers, reviewersIn } from "./reviewer-names.ts";
import { type PlacedReviewers, readReviewers } from "./reviewers.ts";

/** A person's decision, as an intent asks for it. */
export interface Approval {
  /** Who decides, one after the other; at least one entry. */
  readonly stages: readonly Reviewers[];
  /** Who decides when the others have not in time. */
  readonly escalation: Reviewers | undefined;
  readonly timeoutMinutes: number | undefined;
  readonly remindMinutes: number | undefined;
  /** What it counts as when nobody decides in time, where the intent says so. */
  readonly onTimeout: "approved" | "rejected" | undefined;
  /** JSON Schema of what an approval enters. */
  readonly form: Record<string, unknown> | undefined;
  /** Where the intent has them asked. */
  readonly channel: Mention | undefined;
  /** The service is named for asking and for nothing else. */
  readonly isChannelOnly: boolean;
  readonly late: Aside | undefined;
  readonly rejected: Aside | undefined;
  /** Where those are asked to whom it is escalated. */
  readonly escalatedIn: Mention | undefined;
  /** Said about the approval alone: no step of the run, no condition, no schedule. */
  readonly asides: readonly Pick<Aside, "from" | "to">[];
  /** The clauses that ask. */
  readonly clauses: readonly Pick<Aside, "from" | "to">[];
}

const nobody: Reviewers = { names: [], approvals: 1, isNamed: false, said: "" };
const separators =
  /[,;.:](?=\s|$)|\b(?:and|then|before|after|once|until|unless|when|if|only|but)\b/gi;
const messaging: ReadonlySet<string> = new Set(["chat", "email", "sms"]);

/** Undefined: the intent asks for no decision of a person. */
export function readApproval(english: string, mentions: readonly Mention[]): Approval | undefined {
  const { late, rejected } = readAsides(english);
  const reminder = readReminder(english);
  const asides = [late, rejected, reminder].filter((one) => one !== undefined);
  const rest = blank(english, asides);
  const escalation = late && readEscalation(late);
  const isPerson = ({ at, end, said }: PlacedReviewers) =>
    said !== escalation && !mentions.some((one) => one.start < end && at < one.end);
  const named = readReviewers(rest).filter(isPerson);
  const found = named.length > 0 || !late ? named : readReviewers(english).filter(isPerson);
  const isTold = found.some(({ isAsked, isNamed }) => isAsked || (late !== undefined && isNamed));
  if (!cues.matches(cues.approval, rest) && !isTold) return undefined;
  const cue = cues.approval.is.exec(rest)?.index ?? 0;
  const clauses = (found.length > 0 ? found : [{ at: cue, end: cue }]).map(({ at, end }) =>
    around(rest, at, end, separators),
  );
  const first = clauses[0] ?? { from: 0, to: english.length };
  const sentence = around(rest, first.from, first.to, /[;.](?=\s|$)/g);
  const asking = rest.slice(sentence.from, sentence.to);
  const timeout = readTimeout({ text: asking, at: sentence.from }, late);
  const channel = channelOf(rest, mentions, reminder ? [...clauses, reminder] : clauses);
  const isLater = ({ start, integration }: Mention) =>
    late !== undefined &&
    start >= late.from &&
    start < late.to &&
    messaging.has(integration.category);
  return {
    stages: stagesOf(rest, found),
    escalation: escalation === undefined ? undefined : reviewersIn(escalation),
    timeoutMinutes: timeout?.minutes,
    remindMinutes: reminder?.minutes,
    onTimeout: late && readOutcome(late),
    form: readForm(rest),
    channel: channel ?? mentions.find(isTalk),
    escalatedIn: escalation === undefined ? undefined : mentions.find(isLater),
    isChannelOnly: channel !== undefined && isSaidOnce(english, channel),
    late,
    rejected,
    asides: timeout ? [...asides, timeout] : asides,
    clauses,
  };
}

function around(text: string, at: number, end: number, separator: RegExp) {
  const places = [...text.matchAll(separator)];
  const before = places.findLast(({ index, 0: said }) => index + said.length <= at);
  const behind = places.find(({ index }) => index >= end);
  return {
    from: before ? before.index + before[0].length : 0,
    to: behind?.index ?? text.length,
  };
}

/** One after the other where "then" stands between them; a name says more than a title. */
function stagesOf(text: string, found: readonly PlacedReviewers[]): readonly Reviewers[] {
  const stages: PlacedReviewers[] = [];
  for (const one of found) {
    const last = stages.at(-1);
    const between = last ? text.slice(last.end, one.at) : "";
    if (!last || /\b(?:then|after that|afterwards|next|followed by|finally)\b/i.test(between))
      stages.push(one);
    else if (one.isNamed && !last.isNamed) stages[stages.length - 1] = one;
  }
  const [first] = stages;
  if (!first) return isTwice(text) ? [nobody, nobody] : [nobody];
  return stages.length === 1 && isTwice(text) ? [first, first] : stages.slice(0, 4);
}

function isTwice(text: string): boolean {
  return /\btwo[- ](?:level|stage|step) (?:approval|review|sign-off)|\bsecond (?:approver|approval|reviewer)\b|\bfirst approver\b/i.test(
    text,
  );
}

/** The service that is named where they are asked. */
function channelOf(
  text: string,
  mentions: readonly Mention[],
  clauses: readonly Pick<Aside, "from" | "to">[],
): Mention | undefined {
  return mentions.find(
    ({ integration, start, end }) =>
      messaging.has(integration.category) &&
      (clauses.some(({ from, to }) => start >= from && end <= to) ||
        /\bapproval[_ ]channel\b.{0,10}$/i.test(text.slice(0, start))),
  );
}

/** The chat that the request comes from: people are there. */
function isTalk({ integration, role }: Mention): boolean {
  return integration.category === "chat" && role === "source";
}

function isSaidOnce(english: string, { start, end }: Mention): boolean {
  const said = english.slice(start, end).toLowerCase();
  return english.toLowerCase().split(said).length === 2;
}

/** Services that only ask, or that belong to another way out, do nothing behind an approval. */
export function withoutAskers(
  mentions: readonly Mention[],
  { channel, isChannelOnly, asides }: Approval,
): readonly Mention[] {
  return mentions.filter(
    ({ start }) =>
      !(isChannelOnly && start === channel?.start) &&
      !asides.some(({ from, to }) => start >= from && start < to),
  );
}

/** What the steps are for, without what only the asking says. */
export function withoutAsking(
  found: ReadonlySet<Capability>,
  english: string,
  approval: Approval,
): ReadonlySet<Capability> {
  const rest = blank(english, approval.asides);
  const decided = [...rest.matchAll(/\b(?:if|when|once|unless|until|after)\b[^,;.]*/gi)]
    .filter(([said]) => cues.matches(cues.approval, said))
    .map(({ index, 0: said }) => ({ from: index, to: index + said.length }));
  const left = blank(rest, [...decided, ...approval.clauses]);
  const onlyAsked = new Set(
    (["branch", "wait", "notify"] as const).filter(
      (one) => !capabilities.some(({ capability, says }) => capability === one && says.test(left)),
    ),
  );
  return new Set([...found].filter((one) => !(onlyAsked as ReadonlySet<Capability>).has(one)));
}
