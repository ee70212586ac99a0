import type { CallToolResult } from "@modelcontextprotocol/server";
import type { z } from "zod";
import { InputError, toWireError } from "#blueprints/error";
import { incidentOf } from "#edge/incident";
import { nearest } from "#blueprints/nearest";
import type { ToolAnswer } from "./tool.ts";

const longestString = 600;
const longestList = 40;
const longestText = 16_000;

/** The same value for reading: long strings (code, documents) and long lists cut, with a note. */
function shorten(value: unknown): unknown {
  if (typeof value === "string" && value.length > longestString) {
    return `${value.slice(0, longestString)}... (${value.length} characters)`;
  }
  if (Array.isArray(value)) {
    const kept = value.slice(0, longestList).map(shorten);
    return value.length > longestList ? [...kept, `... (${value.length} in all)`] : kept;
  }
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shorten(one)]));
  }
  return value;
}

/**
 * A tool's answer as MCP content. The text repeats the data in short, because some clients show
 * their model the text only.
 */
export function toResult(answer: ToolAnswer<Record<string, unknown>>): CallToolResult {
  const data = JSON.stringify(shorten(answer.data));
  const cut = data.length > longestText ? `${data.slice(0, longestText)}... (cut)` : data;
  const prose = [answer.summary, answer.next ? `Next: ${answer.next}` : ""].filter(Boolean);
  return {
    content: [{ type: "text", text: `${prose.join("\n")}\n\n${cut}` }],
    structuredContent: answer.data,
  };
}

/** A failure as a tool error: code, message, fix. What is ours is logged, never shown. */
export function toErrorResult(error: unknown): CallToolResult {
  const wire = incidentOf(error) ?? toWireError(error);
  const details = wire.details ? `\n\n${JSON.stringify(shorten(wire.details))}` : "";
  const text = `${wire.code}: ${wire.message}${wire.fix ? `\nFix: ${wire.fix}` : ""}${details}`;
  return {
    isError: true,
    content: [{ type: "text", text }],
    structuredContent: { error: wire },
  };
}

function describeIssue(issue: z.core.$ZodIssue, known: readonly string[]): string {
  if (issue.code !== "unrecognized_keys") {
    return `${issue.path.join(".") || "arguments"}: ${issue.message}`;
  }
  const names = issue.keys.slice(0, 5).map((key) => {
    const near = issue.path.length === 0 ? nearest(key, known) : undefined;
    return `"${key.slice(0, 64)}"${near ? ` (did you mean "${near}"?)` : ""}`;
  });
  const at = issue.path.length > 0 ? ` in ${issue.path.join(".")}` : "";
  return `unknown argument ${names.join(", ")}${at}`;
}

/** Arguments checked against a tool's schema; fails with every problem named at once. */
export function parseArguments<Schema extends z.ZodObject>(
  tool: string,
  schema: Schema,
  value: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const known = Object.keys(schema.shape);
  const isUnknown = parsed.error.issues.some(({ code }) => code === "unrecognized_keys");
  const problems = parsed.error.issues.slice(0, 8).map((issue) => describeIssue(issue, known));
  throw new InputError("tool.invalid-arguments", `${tool}: ${problems.join("; ")}.`, {
    fix: isUnknown
      ? `Call ${tool} again with these arguments only: ${known.join(", ")}.`
      : `Correct that and call ${tool} again.`,
  });
}
