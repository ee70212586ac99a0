import { createHash } from "node:crypto";
import { InputError } from "#blueprints/error";

/** Clients drop longer names silently. */
const maximumLength = 48;
const hashLength = 6;

/** Tools of the modes of `?tools=`. */
export const modeTools: ReadonlySet<string> = new Set(["find_tools", "call_tool", "run_code"]);

/** Tools for what waits for a person's decision. */
export const waitingReviews = "waiting_reviews";
export const decideReview = "decide_review";
export const reviewToolNames: ReadonlySet<string> = new Set([waitingReviews, decideReview]);

/** Aliases of what the workspace itself offers. */
const reserved = new Set(["fn", "skill"]);

/**
 * An alias is empty (one link only) or such that the first `__` of a final name ends it: no `__`
 * inside and no `_` at the end. Throws `mcp.alias`.
 */
export function checkAlias(alias: string): void {
  const fits = alias === "" || /^[a-z][a-z0-9_-]{0,39}$/.test(alias);
  if (fits && !alias.includes("__") && !alias.endsWith("_") && !reserved.has(alias)) return;
  throw new InputError("mcp.alias", `The alias "${alias}" cannot be used.`, {
    fix: "Use at most 40 lower case letters, digits, - and single _, starting with a letter; not fn or skill.",
  });
}

function isOwn(name: string): boolean {
  return modeTools.has(name) || reviewToolNames.has(name);
}

/**
 * `<alias>__<tool>`, from these two alone: linking another server renames nothing. A name that is
 * too long, has other characters or could be taken for a prefixed one ends in a hash of both.
 */
export function finalName(alias: string, tool: string): string {
  const prefix = alias === "" ? "" : `${alias}__`;
  const clean = tool.replaceAll(/[^A-Za-z0-9_-]/g, "_");
  const ambiguous = alias === "" && (clean.includes("__") || isOwn(clean));
  const name = prefix + clean;
  if (clean === tool && clean !== "" && !ambiguous && name.length <= maximumLength) return name;
  const digest = createHash("sha256")
    .update(JSON.stringify([alias, tool]))
    .digest("hex");
  // Without an alias nothing may look like one: no `__`, the one before the hash included.
  const head = alias === "" ? name.replaceAll(/_+/g, "_") : name;
  const cut = head.slice(0, maximumLength - hashLength - 1);
  const kept = alias === "" ? cut.replace(/_$/, "") : cut;
  return `${kept}_${digest.slice(0, hashLength)}`;
}
