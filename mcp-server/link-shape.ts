import { z } from "zod";
import { InputError } from "#blueprints/error";
import type { McpLink } from "#edge/gateway/workspace-api";

/** Checked here and not in the schema that every client reads: it costs them tokens. */
const shape = z.strictObject({
  overrides: z
    .record(
      z.string(),
      z.strictObject({
        name: z
          .string()
          .regex(/^[A-Za-z0-9_-]{1,40}$/, "letters, digits, _ and -")
          .optional(),
        description: z.string().max(4000).optional(),
      }),
    )
    .optional(),
  limits: z
    .strictObject({
      timeout_ms: z.int().min(50).max(600_000).optional(),
      answer_bytes: z.int().min(1000).max(50_000_000).optional(),
      concurrent: z.int().min(1).max(512).optional(),
    })
    .optional(),
});

/** How the tools of a link look and what one call may take. Throws `link.shape`. */
export function shapeOf(asked: {
  readonly overrides?: unknown;
  readonly limits?: unknown;
}): Pick<McpLink, "overrides" | "limits"> {
  const { overrides, limits } = asked;
  const parsed = shape.safeParse({ overrides, limits });
  if (!parsed.success) {
    throw new InputError("link.shape", z.prettifyError(parsed.error), {
      fix: "overrides: {tool: {name?, description?}}; limits: {timeout_ms?, answer_bytes?, concurrent?}.",
    });
  }
  const named = Object.entries(parsed.data.overrides ?? {});
  const { timeout_ms: timeoutMs, answer_bytes: answerBytes, concurrent } = parsed.data.limits ?? {};
  return {
    overrides: Object.fromEntries(
      named.map(([tool, { name, description }]) => [
        tool,
        {
          ...(name === undefined ? {} : { name }),
          ...(description === undefined ? {} : { description }),
        },
      ]),
    ),
    limits: {
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(answerBytes === undefined ? {} : { answerBytes }),
      ...(concurrent === undefined ? {} : { concurrent }),
    },
  };
}
