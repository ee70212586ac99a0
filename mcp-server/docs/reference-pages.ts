import { z } from "zod";
import { nodes } from "#edge/nodes/index";
import { clients } from "../clients/index.ts";
import type { ClientDefinition } from "../client.ts";
import type { ToolDefinition } from "../tool.ts";
import { tools } from "../tools/index.ts";

const printed = "<!-- Printed by `npm run docs` from the definitions; do not edit. -->";

interface Property {
  readonly type?: string | string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly description?: string;
  readonly default?: unknown;
  readonly items?: Property;
  readonly anyOf?: readonly Property[];
  readonly oneOf?: readonly Property[];
}

function typeOf(property: Property): string {
  if (property.const !== undefined) return JSON.stringify(property.const);
  if (property.enum) return property.enum.map((one) => JSON.stringify(one)).join(", ");
  const union = property.anyOf ?? property.oneOf;
  if (union) return [...new Set(union.map(typeOf))].join(" or ");
  if (property.type === "array") return `array of ${typeOf(property.items ?? {})}`;
  return String(property.type ?? "any");
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

interface ObjectSchema extends Property {
  readonly properties?: Readonly<Record<string, Property>>;
  readonly required?: readonly string[];
}

/** A table of an object schema's fields; of each variant's, where it is one of several. */
function fieldTable(schema: z.ZodType): string[] {
  const json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any", reused: "inline" });
  return tablesOf(json as ObjectSchema);
}

function tablesOf(schema: ObjectSchema): string[] {
  const variants = schema.oneOf ?? schema.anyOf;
  if (variants) return variants.flatMap((one) => [`${nameOf(one)}:`, "", ...tablesOf(one)]);
  const required = new Set(schema.required);
  const rows = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const notes = [
      property.description ?? "",
      property.default === undefined ? "" : `Default \`${JSON.stringify(property.default)}\`.`,
    ].filter(Boolean);
    const need = required.has(name) ? "yes" : "";
    return `| \`${name}\` | ${cell(typeOf(property))} | ${need} | ${cell(notes.join(" "))} |`;
  });
  if (rows.length === 0) return ["None.", ""];
  return ["| field | type | required | |", "|---|---|---|---|", ...rows, ""];
}

/** What tells a variant from the others: the field with one value, else what it needs. */
function nameOf({ properties = {}, required = [] }: ObjectSchema): string {
  const [tag] = Object.entries(properties).filter(([, { const: value }]) => value !== undefined);
  if (tag) return `With \`${tag[0]}\` ${JSON.stringify(tag[1].const)}`;
  return `With ${required.map((name) => `\`${name}\``).join(" and ") || "other fields"}`;
}

function toolPage(all: readonly ToolDefinition[]): string {
  const sections = all.flatMap((tool) => {
    const { readOnlyHint, destructiveHint, idempotentHint, openWorldHint } = tool.annotations;
    const hints = [
      readOnlyHint ? "read-only" : "changes something",
      ...(destructiveHint ? ["destructive"] : []),
      ...(idempotentHint ? ["idempotent"] : []),
      ...(openWorldHint ? ["reaches outside"] : []),
    ];
    return [
      `## ${tool.name}`,
      "",
      `${tool.title} (${hints.join(", ")}). ${tool.description}`,
      "",
      "Arguments:",
      "",
      ...fieldTable(tool.input),
      "Answer:",
      "",
      ...fieldTable(tool.output),
    ];
  });
  return ["# Tools", "", printed, "", ...sections].join("\n");
}

function nodePage(): string {
  const sections = Object.values(nodes).flatMap((node) => [
    `## ${node.type}`,
    "",
    node.summary,
    "",
    node.description,
    "",
    ...fieldTable(node.config),
    ...(node.examples[0]
      ? ["```json", JSON.stringify(node.examples[0].config, null, 2), "```", ""]
      : []),
  ]);
  return ["# Node types", "", printed, "", ...sections].join("\n");
}

function clientPage(all: readonly ClientDefinition[]): string {
  const server = {
    name: "acme",
    url: "https://aerostack.example/ws/acme",
    variable: "AEROSTACK_TOKEN",
  };
  const sections = all.flatMap((client) => [
    `## ${client.title}`,
    "",
    `File: ${client.file}`,
    "",
    `\`\`\`${client.format}`,
    client.config(server).trimEnd(),
    "```",
    "",
    ...(client.command ? ["```sh", client.command(server), "```", ""] : []),
    ...(client.notes ?? []).flatMap((note) => [note, ""]),
  ]);
  return ["# Clients", "", printed, "", ...sections].join("\n");
}

/** Every printed page by name. */
export function referencePages(): Readonly<Record<string, string>> {
  return {
    tools: toolPage(Object.values(tools)),
    nodes: nodePage(),
    clients: clientPage(Object.values(clients)),
  };
}
