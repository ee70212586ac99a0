import * as cues from "../vocabulary/cues.ts";
import { type Condition, sampleFor, toExpression } from "./conditions.ts";
import { titleOf } from "./naming.ts";
import { decide } from "./services.ts";
import { filterCode } from "./step-code.ts";
import type { Writing } from "./steps.ts";
import type { Understanding } from "./understand.ts";

/** A condition that stands in the graph, and what is needed to test both its ways. */
export interface Gate {
  /** The `logic` step; the open port is the way on. */
  readonly step: string;
  readonly port: string;
  readonly conditions: readonly Condition[];
  /** Whether the fields come with the run's input, or from a step that read them. */
  readonly on: "input" | "fetched";
  /** The intent says whom to leave out. */
  readonly negated: boolean;
}

/** What a step computes decides later than what the data says itself. */
const computedFields = /^(?:score|confidence|probability|total|count|sum|average)$/;

/** Conditions on the data as it came, to be asked before anything is paid for. */
export function gateConditions({ conditions }: Understanding): Condition[] {
  return conditions.filter(({ field }) => !computedFields.test(field));
}

/** Asks the conditions of what came or was read; leaves open only the way on. */
export function addGate(writing: Writing): Gate | undefined {
  const { graph, known, build } = writing;
  const conditions = gateConditions(known);
  const [first] = conditions;
  if (!first) return undefined;
  const negated = isLeftOut(known.english, first);
  const port = negated ? "kept" : "matched";
  const title = titleOf(first.said);
  const gate = { port, conditions, negated };
  if (graph.data === "input") {
    const joined = joinOf(known.english, conditions);
    const all = conditions.map((condition) => wrapped(condition, conditions.length)).join(joined);
    const when = negated ? `not (${all})` : all;
    const step = graph.add("logic", "decide", { cases: [{ port, when }] }, title);
    graph.open = [{ from: step, port }];
    for (const { field, meaning } of conditions)
      if (sendsItsOwn(known))
        decide(build, `field_${field}`, `Where the sender puts it: ${meaning}`, `input.${field}`);
    return { ...gate, step, on: "input" };
  }
  const code = filterCode(conditions, negated);
  const check = graph.add(
    "code_block",
    "check",
    { code, input: { data: `{{ ${graph.data} }}` } },
    title,
  );
  const when = `steps.${check}.output.matched`;
  const step = graph.add("logic", "decide", { cases: [{ port, when }] }, title);
  graph.open = [{ from: step, port }];
  graph.data = `steps.${check}.output.items`;
  graph.text = `steps.${check}.output.text`;
  return { ...gate, step, on: "fetched" };
}

function wrapped(condition: Condition, count: number): string {
  const expression = toExpression(condition, "input");
  return count > 1 ? `(${expression})` : expression;
}

/** "over 1000 or from Germany": any of them; all of them otherwise. */
function joinOf(english: string, conditions: readonly Condition[]): string {
  const last = conditions.at(-1);
  const before = last ? english.slice(Math.max(0, last.at - 25), last.at + 3) : "";
  return conditions.length > 1 && /\bor\b/i.test(before) ? " or " : " and ";
}

/** "leads from example.com should be ignored", "unless the amount is above 10". */
function isLeftOut(english: string, { at, said }: Condition): boolean {
  const before = english.slice(Math.max(0, at - 30), at);
  const after = english.slice(at + said.length).split(/[,;.]/)[0] ?? "";
  return (
    /\b(?:unless|except(?: for)?|ignor(?:e|ing)|skip(?:ping)?|drop|exclud(?:e|ing)|not)\b[^,;.]*$/i.test(
      /^(?:if|when|only|unless)/i.test(said) ? `${before} ${said.split(" ")[0]}` : before,
    ) || /\b(?:ignored|skipped|dropped|excluded|left out|discarded)\b/i.test(after)
  );
}

/** A service that sends its own payload, whose fields a plan cannot know. */
export function sendsItsOwn({ mentions }: Understanding): boolean {
  return mentions.some(
    ({ integration, role }) => role === "source" && integration.delivery === "push",
  );
}

/** The input schema with the fields that are asked. */
export function withFields(
  schema: Record<string, unknown>,
  gate: Gate | undefined,
  known: Understanding,
): Record<string, unknown> {
  if (gate?.on !== "input") return schema;
  const added = Object.fromEntries(
    gate.conditions.map(({ field, type, meaning }) => [field, { type, description: meaning }]),
  );
  const required = new Set([
    ...((schema["required"] ?? []) as string[]),
    ...(sendsItsOwn(known) ? [] : gate.conditions.map(({ field }) => field)),
  ]);
  const properties = { ...added, ...(schema["properties"] as object | undefined) };
  return {
    ...schema,
    type: "object",
    properties,
    ...(required.size > 0 ? { required: [...required] } : {}),
  };
}

/** Fields for which the way on is taken, or is not. */
export function sampleFields(
  { conditions, negated }: Gate,
  passes: boolean,
): Record<string, unknown> {
  return Object.fromEntries(
    conditions.map((condition) => [condition.field, sampleFor(condition, passes !== negated)]),
  );
}

/** Which side of the condition a person has to approve; the other side needs nobody. */
export function approvalSide(
  known: Understanding,
  gate: Gate,
): { asks: "match" | "else"; other: boolean } {
  const at = gate.conditions[0]?.at ?? 0;
  const separators = /[,;.]| but | while /gi;
  let from = 0;
  let to = known.english.length;
  for (const { index } of known.english.matchAll(separators)) {
    if (index <= at) from = index;
    else if (index > at && index < to) to = index;
  }
  const clause = known.english.slice(from, to);
  const automatic = /\b(?:automatic(?:ally)?|directly|right away|immediately|without)\b/i;
  const asksElse = automatic.test(clause) && !cues.matches(cues.approval, clause);
  const rest = known.english.slice(0, from) + known.english.slice(to);
  const other =
    asksElse ||
    (automatic.test(rest) &&
      /\b(?:otherwise|the rest|the others|others|smaller|below|under|rest|everything else|all else)\b/i.test(
        rest,
      ));
  return { asks: asksElse ? "else" : "match", other };
}
