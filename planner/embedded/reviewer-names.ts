import {
  anybody,
  counts,
  determiners,
  leading,
  noName,
  roles,
  titles,
} from "../vocabulary/reviewers.ts";

/** Who decides at one point of a run. */
export interface Reviewers {
  /** As a review takes them: member, `@account`, `role:admin`; empty: whoever may start workflows. */
  readonly names: readonly string[];
  /** Approvals that it takes. */
  readonly approvals: number;
  /** False: the intent says only what they are, or nothing. */
  readonly isNamed: boolean;
  /** In the words of the intent; empty: it says nothing. */
  readonly said: string;
}

type Read = Pick<Reviewers, "names" | "isNamed">;

/** What a review takes for the words that say who decides; undefined: they mean nobody. */
export function reviewersIn(text: string): Reviewers | undefined {
  const said = text
    .replace(asks, "")
    .replace(/,? then\b.*$/i, "")
    .replace(possessive, "")
    .trim();
  const parts = said.split(/\s*(?:,|&|\/|\band\b|\bor\b)\s*/i).filter(Boolean);
  const read = parts.map(readOne);
  if (read.length === 0 || !read.every((one) => one !== undefined)) return undefined;
  const named = read.filter(({ isNamed }) => isNamed);
  const who = named.length > 0 ? named : read;
  const all = /\band\b|&/i.test(said) && !/\bor\b/i.test(said);
  const told = counts[/\b(two|three|four|five|[2-5])\b/i.exec(said)?.[1]?.toLowerCase() ?? ""];
  const people = who.filter(({ names }) => names.length > 0).length;
  return {
    names: [...new Set(who.flatMap(({ names }) => names))],
    approvals: told ?? (all ? Math.max(1, people) : 1),
    isNamed: named.length > 0,
    said,
  };
}

const asks = /^(?:needs?|requires?|wants?) /i;
const possessive = /['’]s?$|[.'-]+$/;

/** One person, role or title. */
function readOne(part: string): Read | undefined {
  const bare = part.replace(leading, "").replace(possessive, "").trim();
  const role = roles.find(([says]) => says.test(bare))?.[1];
  if (role) return { names: [role], isNamed: true };
  if (anybody.test(bare) || bare === "") return { names: [], isNamed: false };
  if (/^@[\w-]+$/.test(bare) || /^[\w.+-]+@[\w-]+\.[\w.-]+$/.test(bare))
    return { names: [bare], isNamed: true };
  if (titles.test(bare)) return { names: ["role:admin"], isNamed: false };
  const tokens = bare.split(/\s+/);
  if (tokens.some((token) => noName.test(token)) || tokens.length > 4) return undefined;
  if (determiners.test(part)) return { names: ["role:admin"], isNamed: false };
  const isWritten = tokens.every((token) => /^\p{Lu}/u.test(token));
  return tokens.length === 1 || isWritten ? { names: [bare], isNamed: true } : undefined;
}

/** A word that can be somebody's name, as against a title, a pronoun or anything else. */
export function isName(word: string): boolean {
  return !noName.test(word) && !anybody.test(word) && !titles.test(word);
}
