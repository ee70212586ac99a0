import { z } from "zod";

/** Fields that all nodes with a model share. */
export const modelName = z
  .string()
  .min(1)
  .max(200)
  .describe("`provider:model`, or a provider alone for its default; absent: the platform's own.");

export const outputSchema = z.record(z.string(), z.unknown());
