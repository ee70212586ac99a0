/** A ready intent that a person picks in the client: one file in `mcp-server/prompts/`. */
export interface PromptDefinition {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly arguments: readonly PromptArgument[];
  /** The message that the model receives. */
  text(values: Readonly<Record<string, string>>): string;
}

export interface PromptArgument {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
}

/** Identity; checks the type. */
export function definePrompt(definition: PromptDefinition): PromptDefinition {
  return definition;
}
