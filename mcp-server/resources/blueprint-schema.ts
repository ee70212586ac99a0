import { z } from "zod";
import { blueprintSchema as schema } from "#blueprints/blueprint";
import type { ResourceDefinition } from "../resource.ts";

export const blueprintSchema: ResourceDefinition = {
  uri: "aerostack://blueprint-schema",
  name: "blueprint-schema",
  title: "Blueprint schema",
  description: "JSON Schema of the document that scaffold and create take.",
  mimeType: "application/schema+json",
  text: () => JSON.stringify(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" })),
};
