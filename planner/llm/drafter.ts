import { generateText, type LanguageModel, Output } from "ai";
import { z } from "zod";
import { type BlueprintInput, blueprintSchema } from "#blueprints/blueprint";
import { UpstreamError } from "#blueprints/error";
import type { Issue } from "#blueprints/issue";
import type { Brief, Draft, Drafter } from "../drafter.ts";
import { repairPrompt, systemPrompt, userPrompt } from "./prompt.ts";
import { parseBlueprint } from "./read-answer.ts";

/** A plan that takes longer is worth less than the embedded one. */
const timeoutMs = 40_000;

const answerSchema = z.object({
  blueprint_json: z.string().describe("The blueprint as JSON; empty when nothing can be built."),
  summary: z.string(),
  questions: z
    .array(z.object({ id: z.string(), text: z.string(), options: z.array(z.string()) }))
    .describe("At most three, only what changes the build."),
  connections: z
    .array(z.object({ integration: z.string(), name: z.string(), assumed: z.boolean() }))
    .describe("Services it talks to; assumed: not named in the intent."),
  decisions: z.array(z.object({ id: z.string(), text: z.string(), chosen: z.string() })),
  used_entries: z
    .array(z.string())
    .describe("Slugs of marketplace entries that the blueprint uses."),
  confidence: z.number(),
});
type Answer = z.infer<typeof answerSchema>;

/** Drafts with a language model: the blueprint as JSON inside a small structured answer. */
export function createLlmDrafter(model: LanguageModel): Drafter {
  const name = typeof model === "string" ? model : `${model.provider}:${model.modelId}`;
  const ask = async (brief: Brief, prompt: string): Promise<Draft> => {
    const { output } = await generateText({
      model,
      system: systemPrompt(brief.tools.catalogue),
      prompt,
      output: Output.object({ schema: answerSchema }),
      maxRetries: 1,
      abortSignal: AbortSignal.timeout(timeoutMs),
    });
    return toDraft(output, brief);
  };
  return {
    name,
    draft: async (brief) => {
      try {
        return await ask(brief, userPrompt(brief));
      } catch (error) {
        if (!isMalformed(error)) throw error;
        return ask(
          brief,
          `${userPrompt(brief)}\n\nYour last answer could not be read: ${messageOf(error)}. Answer with the JSON object only.`,
        );
      }
    },
    repair: (brief, blueprint: BlueprintInput, issues: readonly Issue[]) =>
      ask(brief, repairPrompt(brief, blueprint, issues)),
  };
}

function isMalformed(error: unknown): boolean {
  return (
    error instanceof UpstreamError ||
    (error instanceof Error &&
      /NoObjectGenerated|NoOutput|JSONParse|TypeValidation/.test(error.name))
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 300) : "it was not JSON";
}

function toDraft(answer: Answer, brief: Brief): Draft {
  const blueprint = parseBlueprint(answer.blueprint_json);
  const secrets = blueprintSchema.safeParse(blueprint).data?.secrets ?? [];
  return {
    ...(blueprint ? { blueprint } : {}),
    summary: answer.summary,
    matches: brief.hits.map(({ slug, version, kind }) => {
      const used = JSON.stringify(blueprint ?? {}).includes(`${slug}@`);
      return {
        slug,
        version,
        kind,
        used,
        reason: used ? "The model chose it." : "The model did not need it.",
      };
    }),
    requires: {
      secrets: secrets.map(({ name, purpose, kind }) => ({ name, purpose, kind })),
      connections: answer.connections.map((one) => ({ ...one, secrets: [] })),
      decisions: answer.decisions.map((one) => ({ ...one, options: [] })),
    },
    questions: answer.questions.slice(0, 3),
    confidence: Math.max(0, Math.min(1, answer.confidence)),
    warnings: [],
  };
}
