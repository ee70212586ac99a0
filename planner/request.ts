import type { KnownResources } from "#blueprints/checks/check";
import type { LanguageModel } from "ai";
import { z } from "zod";
import type { BlueprintInput } from "#blueprints/blueprint";
import type { NodeCatalogue } from "#blueprints/catalogue";
import type { Issue } from "#blueprints/issue";

/** What goes into `plan` and `scaffold` and what comes out; the MCP tools map it to the wire. */

const jsonSchema = z.record(z.string(), z.unknown());

/** A function or tool that the workspace already has, so that a plan can use it. */
export const existingSchema = z.strictObject({
  functions: z
    .array(
      z.strictObject({
        name: z.string(),
        description: z.string().default(""),
        input: jsonSchema.optional(),
        output: jsonSchema.optional(),
      }),
    )
    .default([]),
  tools: z
    .array(
      z.strictObject({
        name: z.string(),
        description: z.string().default(""),
        inputSchema: jsonSchema.optional(),
      }),
    )
    .default([]),
});

export const constraintsSchema = z.strictObject({
  allow: z.array(z.string()).optional().describe("Only these integrations."),
  avoid: z.array(z.string()).optional().describe("Never these integrations."),
  model: z.string().optional().describe("`provider:model` for steps that call a model."),
  budget: z.number().nonnegative().optional().describe("US dollars a month."),
});

export interface PlanRequest {
  /** What should exist, in the words of whoever wants it. */
  readonly intent: string;
  readonly workspace?: string;
  readonly constraints?: z.input<typeof constraintsSchema>;
  readonly existing?: z.input<typeof existingSchema>;
  /** An earlier answer and what to change about it. */
  readonly refine?: { readonly plan: PlanAnswer; readonly feedback: string };
}

/** A marketplace entry as search returns it. */
export interface RegistryHit {
  /** `@user/name`. */
  readonly slug: string;
  readonly version: string;
  readonly kind: string;
  readonly name: string;
  readonly description: string;
  readonly input?: Record<string, unknown>;
  readonly output?: Record<string, unknown>;
  readonly effect?: string;
  readonly installs: number;
}

/** What the planner may use; everything that varies is handed in. */
export interface PlannerTools {
  /** The node types that exist; no other is ever emitted. */
  readonly catalogue: NodeCatalogue;
  searchRegistry(query: string): Promise<readonly RegistryHit[]>;
  /** Absent: the embedded drafter. */
  readonly model?: LanguageModel;
  /** Milliseconds since 1970. */
  now(): number;
}

/** A marketplace entry that was considered. */
export interface Match {
  readonly slug: string;
  readonly version: string;
  readonly kind: string;
  readonly used: boolean;
  readonly reason: string;
}

export interface RequiredSecret {
  readonly name: string;
  readonly purpose: string;
  readonly kind: "token" | "url";
}

/** A service that the plan talks to. */
export interface RequiredConnection {
  readonly integration: string;
  readonly name: string;
  /** The intent did not name it; the planner chose it. */
  readonly assumed: boolean;
  readonly secrets: readonly string[];
}

/** A choice that was made by default and may be changed with an answer. */
export interface Decision {
  readonly id: string;
  readonly text: string;
  readonly chosen: string;
  readonly options: readonly string[];
}

/** Something that only the person can say. */
export interface Question {
  readonly id: string;
  readonly text: string;
  readonly options: readonly string[];
  /** What the plan assumes until it is answered; absent: it cannot go on without. */
  readonly assumed?: string;
}

export interface PlanAnswer {
  /** Absent: the intent needs no infrastructure or cannot be understood; see `questions`. */
  readonly blueprint?: BlueprintInput;
  readonly summary: string;
  /** Mermaid; empty when there is no blueprint. */
  readonly diagram: string;
  readonly matches: readonly Match[];
  readonly requires: {
    readonly secrets: readonly RequiredSecret[];
    readonly connections: readonly RequiredConnection[];
    readonly decisions: readonly Decision[];
  };
  /** At most three, the costliest to get wrong first. */
  readonly questions: readonly Question[];
  /** 0..1: the product of what was guessed. */
  readonly confidence: number;
  /** `embedded`, or the model's id. */
  readonly planner: string;
  readonly warnings: readonly string[];
}

export interface ScaffoldRequest {
  readonly blueprint?: BlueprintInput;
  readonly plan?: PlanAnswer;
  /** By question or decision id. */
  readonly answers?: Readonly<Record<string, string>>;
  readonly name?: string;
  /** What the workspace has already. */
  readonly known?: KnownResources;
}

export interface ScaffoldAnswer {
  readonly blueprint: BlueprintInput;
  /** Code of functions and hosted servers, instructions of skills. */
  readonly files: readonly { readonly path: string; readonly content: string }[];
  /** Empty of errors: it can be created and deployed. */
  readonly checks: readonly Issue[];
  readonly tests: readonly string[];
}
