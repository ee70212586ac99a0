import type { z } from "zod";
import type { Services } from "#edge/services";
import type { AccountActor } from "#edge/identity/actor";

/** What a tool works with: one request of one account. */
export interface ToolContext {
  readonly services: Services;
  readonly actor: AccountActor;
  /** Tells a client that asked for progress what is happening; does nothing for others. */
  readonly progress: (message: string) => Promise<void>;
}

export interface ToolAnswer<Output> {
  /** `structuredContent`, as the tool's `output` describes it. */
  readonly data: Output;
  /** For the model: what happened, in one or two sentences. */
  readonly summary: string;
  /** For the model: what to do next, as an imperative. */
  readonly next?: string;
}

/** All four are stated, never defaulted: clients decide by them what runs without asking. */
export interface ToolAnnotations {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

/** An MCP tool: one file in `mcp-server/tools/`, one value made by `defineTool`. */
export interface ToolDefinition<
  Input extends z.ZodObject = z.ZodObject,
  Output extends z.ZodObject = z.ZodObject,
> {
  /** `^[a-z][a-z0-9_]{0,39}$`; the file is named the same, with hyphens. */
  readonly name: string;
  readonly title: string;
  /** For agents: when to use it and what comes back; at most 1,000 characters. */
  readonly description: string;
  readonly annotations: ToolAnnotations;
  /** Strict: an unknown argument is refused, naming the closest one. */
  readonly input: Input;
  readonly output: Output;
  /** `ui://` resource that shows its answer to a person, in clients that support MCP Apps. */
  readonly view?: string;
  run(context: ToolContext, input: z.output<Input>): Promise<ToolAnswer<z.input<Output>>>;
}

/** Identity; infers the types of arguments and answer. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  definition: ToolDefinition<Input, Output>,
): ToolDefinition<Input, Output> {
  return definition;
}
