import { and, desc, eq, ne, or, type SQL, sql, type SQLWrapper } from "drizzle-orm";
import { InputError } from "#blueprints/error";
import { registryEntries } from "#edge/db/tables/registry";
import { skeleton } from "#edge/gateway/trust/characters";
import type { AccountActor } from "#edge/identity/actor";
import type { Services } from "#edge/services";

/** In shorter names one letter is too much of the name to be a slip. */
const shortestTypo = 5;
const mostNamed = 3;

/** How a name looks at a glance: homoglyphs are one letter, separators none. */
export function shapeOf(name: string): string {
  return skeleton(name)
    .replaceAll(/[^\p{L}\p{N}]+/gu, "")
    .replaceAll("rn", "m")
    .replaceAll("vv", "w");
}

/** The part of `@user/name` behind the slash. */
export function entryName(slug: string): string {
  return slug.slice(slug.indexOf("/") + 1);
}

/**
 * Whether one is easily taken for the other: the same shape, or shapes one edit (Damerau: a letter
 * more, less, another, or two swapped) apart. Members of a numbered or lettered series are not.
 */
export function looksLike(one: string, other: string): boolean {
  if (one !== other && seriesOf(one) === seriesOf(other)) return false;
  const [a, b] = [shapeOf(one), shapeOf(other)];
  return a === b || (Math.min(a.length, b.length) >= shortestTypo && isOneEditApart(a, b));
}

/** `team-1` and `team-2`, `tenant-a` and `tenant-b` are told apart by what counts them. */
function seriesOf(name: string): string {
  return name.replaceAll(/\d+|(?<![a-z0-9])[a-z](?![a-z0-9])/g, "#");
}

/** One pass: what is left between the common beginning and the common end decides. */
function isOneEditApart(a: string, b: string): boolean {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start++;
  let end = 0;
  while (end < shorter - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const [restA, restB] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  if (restA.length <= 1 && restB.length <= 1) return true;
  return restA.length === 2 && restB.length === 2 && restA === `${restB[1]}${restB[0]}`;
}

/**
 * Called before a slug becomes public for the first time.
 * @returns at most three public entries of other publishers whose own name looks like this one's
 * @throws InputError `registry.lookalike` (409) where the whole slug does
 */
export async function compareToOthers(
  { db }: Services,
  actor: AccountActor,
  slug: string,
): Promise<string[]> {
  const { slugShape, nameShape, slug: other, accountId, visibility } = registryEntries;
  const others = await db
    .select({ other })
    .from(registryEntries)
    .where(
      and(
        ne(accountId, actor.accountId),
        eq(visibility, "public"),
        or(near(slugShape, shapeOf(slug)), near(nameShape, shapeOf(entryName(slug)))),
      ),
    )
    .orderBy(desc(registryEntries.installs), other);
  const slugs = others.map((row) => row.other);
  const victim = slugs.find((one) => looksLike(one, slug));
  if (victim !== undefined) throw lookalike(slug, victim);
  const name = entryName(slug);
  return slugs.filter((one) => looksLike(entryName(one), name)).slice(0, mostNamed);
}

/** What is one edit away is one character longer at most, which the database can tell. */
function near(column: SQLWrapper, shape: string): SQL {
  return sql`abs(length(${column}) - ${shape.length}) <= 1`;
}

function lookalike(slug: string, victim: string): InputError {
  return new InputError(
    "registry.lookalike",
    `"${slug}" is easily taken for "${victim}", which another account published.`,
    {
      status: 409,
      fix: "Give the entry a name that differs in more than a letter or a separator.",
    },
  );
}
