import { viewHtml, viewMimeType } from "#edge/mcp-app/view";
import type { ResourceDefinition } from "../resource.ts";

export const runView: ResourceDefinition = {
  uri: "ui://aerostack/run",
  name: "run-view",
  title: "A run, and the reviews that it waits for",
  description: "MCP App that shows what get_run answers; a reviewer decides in it.",
  mimeType: viewMimeType,
  text: () => viewHtml,
};
