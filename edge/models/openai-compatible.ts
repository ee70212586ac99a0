import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { defineProvider } from "./provider.ts";

/** Ollama, vLLM, llama.cpp and every other server that speaks chat completions. */
export const openaiCompatible = defineProvider({
  name: "openai-compatible",
  defaultModel: undefined,
  variable: "OPENAI_COMPATIBLE_URL",
  create: ({ OPENAI_COMPATIBLE_URL: baseURL, OPENAI_COMPATIBLE_KEY: apiKey }, model) =>
    baseURL
      ? createOpenAICompatible({
          name: "openai-compatible",
          baseURL,
          supportsStructuredOutputs: true,
          // Without it a stream says nothing of what it cost.
          includeUsage: true,
          ...(apiKey ? { apiKey } : {}),
        })(model)
      : undefined,
});
