import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { defineProvider } from "./provider.ts";

export const groq = defineProvider({
  name: "groq",
  defaultModel: "llama-3.3-70b-versatile",
  variable: "GROQ_API_KEY",
  create: ({ GROQ_API_KEY: apiKey }, model) =>
    apiKey
      ? createOpenAICompatible({
          name: "groq",
          apiKey,
          baseURL: "https://api.groq.com/openai/v1",
          includeUsage: true,
        })(model)
      : undefined,
});
