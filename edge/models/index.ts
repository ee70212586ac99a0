import { anthropic } from "./anthropic.ts";
import { google } from "./google.ts";
import { groq } from "./groq.ts";
import { openaiCompatible } from "./openai-compatible.ts";
import { openai } from "./openai.ts";
import type { ModelProvider } from "./provider.ts";

/** Every provider, by the name that stands first in a model id. */
export const providers: Readonly<Record<string, ModelProvider>> = {
  anthropic,
  openai,
  google,
  groq,
  "openai-compatible": openaiCompatible,
};
