import { z } from "zod";

/** Arguments that several tools share, with one wording. */

export const workspaceSlug = z
  .string()
  .regex(/^[a-z][a-z0-9-]{1,38}[a-z0-9]$/, "3 to 40 lower case letters, digits and -")
  .describe("Workspace slug.");

export const idempotencyKey = z
  .string()
  .min(1)
  .max(200)
  .optional()
  .describe("Repeats the answer, not the effect.");

export const secretName = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{0,63}$/, "upper case letters, digits and _, starting with a letter");

export const resourceReference = z.string().min(1).max(120).describe("Resource id, `res_...`.");

/** Stands for a blueprint in a tool's arguments: its schema alone is larger than all tools. */
export const blueprintDocument = z
  .record(z.string(), z.unknown())
  .describe("Blueprint; schema: aerostack://blueprint-schema.");
