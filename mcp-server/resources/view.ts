import { viewHtml, viewMimeType } from "#edge/mcp-app/view";
import type { ResourceDefinition } from "../resource.ts";

export const view: ResourceDefinition = {
  uri: "ui://aerostack/view",
  name: "view",
  title: "A run with the reviews that it waits for, or usage",
  description: "MCP App that shows what get_run and usage answer; a reviewer decides in it.",
  mimeType: viewMimeType,
  text: () => viewHtml,
};
