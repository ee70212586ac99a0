import { createAnthropic } from "@ai-sdk/anthropic";
import { defineProvider } from "./provider.ts";

export const anthropic = defineProvider({
  name: "anthropic",
  defaultModel: "claude-sonnet-4-5",
  variable: "ANTHROPIC_API_KEY",
  create: ({ ANTHROPIC_API_KEY: apiKey }, model) =>
    apiKey ? createAnthropic({ apiKey })(model) : undefined,
});
