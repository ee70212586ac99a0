import type { Resource, ResourceTemplateType } from "@modelcontextprotocol/server";
import { guides, markdownAt } from "../docs/guides.ts";
import type { ResourceContent, ResourceDefinition } from "../resource.ts";
import type { ToolContext } from "../tool.ts";
import { blueprintSchema } from "./blueprint-schema.ts";
import { nodeTypes } from "./node-types.ts";
import { runs } from "./runs.ts";
import { view } from "./view.ts";

const documents: readonly ResourceDefinition[] = [
  nodeTypes,
  blueprintSchema,
  view,
  ...Object.values(guides).map((guide) => ({
    uri: `aerostack://docs/${guide.name}`,
    name: `docs/${guide.name}`,
    title: guide.title,
    description: guide.summary,
    mimeType: "text/markdown",
    text: (baseUrl: string) => markdownAt(guide, baseUrl),
  })),
];
const templates = [runs];

export function listResources(): Resource[] {
  return documents.map(({ uri, name, title, description, mimeType }) => {
    return { uri, name, title, description, mimeType };
  });
}

export const resourceTemplates: ResourceTemplateType[] = templates.map(
  ({ uriTemplate, name, title, description, mimeType }) => {
    return { uriTemplate, name, title, description, mimeType };
  },
);

/** The document at an address; undefined where there is none. */
export async function readResource(
  context: Pick<ToolContext, "services" | "actor">,
  uri: string,
): Promise<ResourceContent | undefined> {
  const document = documents.find((one) => one.uri === uri);
  if (document)
    return { mimeType: document.mimeType, text: document.text(context.services.baseUrl) };
  for (const template of templates) {
    const content = await template.read(context, uri);
    if (content) return content;
  }
  return undefined;
}
