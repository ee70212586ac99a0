import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { defineProvider } from "./provider.ts";

export const google = defineProvider({
  name: "google",
  defaultModel: "gemini-2.5-flash",
  variable: "GOOGLE_GENERATIVE_AI_API_KEY",
  create: ({ GOOGLE_GENERATIVE_AI_API_KEY: apiKey }, model) =>
    apiKey ? createGoogleGenerativeAI({ apiKey })(model) : undefined,
});
