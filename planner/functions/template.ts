import type { BlueprintInput } from "#blueprints/blueprint";

/** A computation that the embedded drafter can write out as a finished function. */
export interface FunctionTemplate {
  readonly id: string;
  /** Phrases that ask for it. */
  readonly says: RegExp;
  /** Stem of the function's name; the subject follows: `score_lead`. */
  readonly verb: string;
  build(ask: FunctionAsk): FunctionDraft;
}

export interface FunctionAsk {
  /** Singular noun: `lead`. */
  readonly subject: string;
  /** The intent, in English. */
  readonly text: string;
}

type FunctionInput = NonNullable<BlueprintInput["functions"]>[number];

export interface FunctionDraft {
  readonly description: string;
  readonly code: string;
  readonly input: Record<string, unknown>;
  readonly output: Record<string, unknown>;
  /** Each runs as a test; the first is the ordinary case. */
  readonly examples: readonly FunctionExample[];
  /** An expression over `output` that splits results in two, and what the true side is called. */
  readonly split?: { readonly field: string; readonly threshold: number; readonly name: string };
  readonly effect?: FunctionInput["effect"];
}

export interface FunctionExample {
  readonly name: string;
  readonly input: Record<string, unknown>;
  /** Fields that must come out so. */
  readonly output: Record<string, unknown>;
}

/** Identity; checks the shape. */
export function defineTemplate(template: FunctionTemplate): FunctionTemplate {
  return template;
}

export function objectSchema(
  properties: Record<string, unknown>,
  required: readonly string[] = [],
): Record<string, unknown> {
  return { type: "object", properties, ...(required.length > 0 ? { required } : {}) };
}
