import type { RegistryHit } from "../request.ts";
import type { Brief } from "../drafter.ts";
import { templates } from "../functions/index.ts";
import type { FunctionDraft } from "../functions/template.ts";
import type { Build } from "./graph.ts";
import { subjectOf } from "./naming.ts";
import { toName } from "./text.ts";
import type { Understanding } from "./understand.ts";

/** A function of the blueprint and what the steps after it may rely on. */
export interface Computation {
  readonly name: string;
  readonly input: Record<string, unknown>;
  readonly output: Record<string, unknown>;
  /** Condition over `steps.<id>.output` that parts the results. */
  readonly split?: { readonly field: string; readonly threshold: number; readonly name: string };
  /** Undefined for code that was not written here. */
  readonly draft?: FunctionDraft;
}

/** Finds or writes the function that does the computing; undefined: nothing is computed. */
export function addComputation(
  build: Build,
  known: Understanding,
  brief: Brief,
): Computation | undefined {
  const template = templates.find(({ says }) => says.test(known.english));
  const existing = brief.request.existing?.functions?.find(({ name }) =>
    names(known.english, name),
  );
  if (existing) {
    const { name, input = { type: "object" }, output = {} } = existing;
    build.matches.push({
      slug: name,
      version: "workspace",
      kind: "function",
      used: true,
      reason: "The workspace has it already and the intent names it.",
    });
    return { name, input, output, ...splitOf(known.english, output) };
  }
  const hit = chooseHit(build, known, brief, template?.verb);
  if (hit) return useHit(build, known, hit);
  if (!template) return undefined;
  const subject = subjectOf(known.english);
  const draft = template.build({ subject, text: known.english });
  const name = toName(`${template.verb}_${subject}`);
  build.functions.push({
    name,
    description: draft.description,
    code: draft.code,
    input: draft.input,
    output: draft.output,
    effect: draft.effect ?? "pure",
    examples: [],
  });
  for (const { name: title, input, output } of draft.examples) {
    build.tests.push({
      name: `${name}: ${title}`,
      target: { kind: "function", name },
      input,
      expect: { output },
    });
  }
  const threshold = readThreshold(known.english);
  const split =
    draft.split && threshold !== undefined ? { ...draft.split, threshold } : draft.split;
  return { name, input: draft.input, output: draft.output, draft, ...(split ? { split } : {}) };
}

/** `score_lead` in "use score_lead" or "the score lead function". */
function names(english: string, name: string): boolean {
  const said = english.toLowerCase();
  return (
    said.includes(name.toLowerCase()) || said.includes(name.toLowerCase().replace(/[_-]+/g, " "))
  );
}

const common = new Set(
  "a an the and or to of in for with by it each new inbound incoming function workflow notify".split(
    " ",
  ),
);

function stems(text: string): Set<string> {
  return new Set(
    text
      .toLowerCase()
      .split(/[^a-z0-9]+/)
      .filter((word) => word.length > 2 && !common.has(word))
      .map((word) => word.replace(/(?:ing|ers?|ors?|es|ed|s|e)$/, "")),
  );
}

/** The marketplace entry that does the computing: named outright, or its name is what is asked for. */
function chooseHit(
  build: Build,
  known: Understanding,
  brief: Brief,
  verb: string | undefined,
): RegistryHit | undefined {
  const wanted = stems(known.english);
  let chosen: RegistryHit | undefined;
  for (const hit of brief.hits) {
    const consider = (used: boolean, reason: string) =>
      build.matches.push({ slug: hit.slug, version: hit.version, kind: hit.kind, used, reason });
    if (hit.kind !== "function") {
      consider(false, `It is a ${hit.kind}; the plan needs a function here.`);
      continue;
    }
    const named = known.english.includes(hit.slug);
    const name = [...stems(hit.slug.split("/")[1] ?? hit.name)];
    const missing = name.filter((stem) => !wanted.has(stem));
    if (chosen) consider(false, `${chosen.slug} fits better.`);
    else if (
      named ||
      (name.length > 0 && missing.length === 0 && (verb !== undefined || name.length > 1))
    ) {
      chosen = hit;
      consider(
        true,
        named
          ? "The intent names it."
          : `It does what the intent asks for: ${hit.description || hit.name}`,
      );
    } else
      consider(
        false,
        `Its name is about "${missing.join(", ") || hit.name}", which the intent does not mention.`,
      );
  }
  return chosen;
}

function useHit(build: Build, known: Understanding, hit: RegistryHit): Computation {
  const name = toName(hit.slug.split("/")[1] ?? hit.name);
  const { input = { type: "object" }, output = {} } = hit;
  const effect =
    (["pure", "read", "idempotent", "external"] as const).find((one) => one === hit.effect) ??
    "pure";
  build.functions.push({
    name,
    use: `${hit.slug}@${hit.version}`,
    description: hit.description.slice(0, 1000),
    input,
    output,
    effect,
  });
  return { name, input, output, ...splitOf(known.english, output) };
}

/** What parts the results, read from the output schema. */
function splitOf(english: string, output: Record<string, unknown>): Pick<Computation, "split"> {
  const properties = (output["properties"] ?? {}) as Record<
    string,
    { type?: unknown; maximum?: unknown }
  >;
  const field = [
    "score",
    "confidence",
    "total",
    "amount",
    "count",
    ...Object.keys(properties),
  ].find((name) => {
    const type = properties[name]?.type;
    return type === "number" || type === "integer";
  });
  if (!field) return {};
  const most = Number(properties[field]?.maximum ?? 100);
  return {
    split: {
      field,
      threshold: readThreshold(english) ?? Math.round(70 * most) / 100,
      name: "high",
    },
  };
}

/** The number in "above 80", "at least $1,000" or "5% or more". */
export function readThreshold(english: string): number | undefined {
  const match =
    /\b(?:above|over|more than|greater than|at least|exceed(?:s|ing)?|below|under|less than|>=?|<=?|from|reaches|is)\s*(?:a (?:score|value) of )?[$€£]?\s?(\d[\d,]*(?:\.\d+)?)\s?(k|m|%)?(?! ?(?:min|hour|day|week|am|pm|:))/i.exec(
      english,
    ) ?? /[$€£]?(\d[\d,]*(?:\.\d+)?)\s?(k|%)? or (?:more|higher|above|better|less)/i.exec(english);
  if (!match) return undefined;
  const value = Number((match[1] ?? "").replaceAll(",", ""));
  const scale =
    match[2]?.toLowerCase() === "k" ? 1000 : match[2]?.toLowerCase() === "m" ? 1_000_000 : 1;
  return Number.isFinite(value) ? value * scale : undefined;
}

/** Whether the number is an upper bound: "below 20". */
export function isUpperBound(english: string): boolean {
  return (
    /\b(?:below|under|less than|drops?|falls?|or less|<)\b/i.test(english) &&
    !/\babove|over|more than\b/i.test(english)
  );
}
