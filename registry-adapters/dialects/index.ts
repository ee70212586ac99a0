import type { Dialect } from "../dialect.ts";
import { anthropic } from "./anthropic.ts";
import { gemini } from "./gemini.ts";
import { mcp } from "./mcp.ts";
import { openai } from "./openai.ts";

/** Every dialect, by the name under which it is asked for. */
export const dialects = { mcp, openai, gemini, anthropic } as const satisfies Record<
  string,
  Dialect
>;
