import { createOpenAI } from "@ai-sdk/openai";
import { defineProvider } from "./provider.ts";

export const openai = defineProvider({
  name: "openai",
  defaultModel: "gpt-5-mini",
  variable: "OPENAI_API_KEY",
  create: ({ OPENAI_API_KEY: apiKey }, model) =>
    apiKey ? createOpenAI({ apiKey })(model) : undefined,
});
