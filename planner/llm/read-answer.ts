import type { BlueprintInput } from "#blueprints/blueprint";
import { UpstreamError } from "#blueprints/error";

/**
 * The blueprint in a model's answer, fences and chatter around it taken away. Undefined when the
 * model says that there is nothing to build. Throws UpstreamError `planner.unreadable`.
 */
export function parseBlueprint(text: string): BlueprintInput | undefined {
  const from = text.indexOf("{");
  const to = text.lastIndexOf("}");
  if (from < 0 || to < from) {
    if (text.trim() === "") return undefined;
    throw unreadable(text);
  }
  try {
    // Whether it fits the schema is for the check to say, with paths the model can act on.
    return JSON.parse(text.slice(from, to + 1)) as BlueprintInput;
  } catch {
    throw unreadable(text);
  }
}

function unreadable(text: string): UpstreamError {
  return new UpstreamError(
    "planner.unreadable",
    `The model's blueprint is not JSON: ${text.slice(0, 120)}`,
    {
      fix: "Ask again, or plan without a model.",
      retryAfterMs: 0,
    },
  );
}
