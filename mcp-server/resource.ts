import type { ToolContext } from "./tool.ts";

export interface ResourceContent {
  readonly mimeType: string;
  readonly text: string;
}

/** A document at a fixed address: `aerostack://`, or `ui://` where it is a view for people. */
export interface ResourceDefinition {
  readonly uri: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly mimeType: string;
  /** Deterministic, the same for every account of the server at this address. */
  text(baseUrl: string): string;
}

/** Documents of an account, addressed by an id. */
export interface ResourceTemplateDefinition {
  readonly uriTemplate: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly mimeType: string;
  /** The document, or undefined where the address is not of this template. */
  read(
    context: Pick<ToolContext, "services" | "actor">,
    uri: string,
  ): Promise<ResourceContent | undefined>;
}
