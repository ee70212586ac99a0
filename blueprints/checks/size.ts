import type { Issue } from "../issue.ts";

/** What a blueprint may be at most, measured before anything else looks at it. */
const documentLimits = {
  /** Characters of text in keys and strings together, and a few for everything else. */
  characters: 1_000_000,
  depth: 32,
  values: 50_000,
} as const;

/**
 * The one issue of a document that is too large, too deep or not plain JSON. Stops at the first limit,
 * and keeps its own stack, so hostile input costs no more than a good one.
 */
export function checkSize(input: unknown): Issue | undefined {
  const open: { value: unknown; depth: number }[] = [{ value: input, depth: 0 }];
  let characters = 0;
  let values = 0;
  for (let entry = open.pop(); entry; entry = open.pop()) {
    const { value, depth } = entry;
    values += 1;
    characters += typeof value === "string" ? value.length + 2 : 4;
    if (typeof value === "object" && value !== null) {
      if (depth >= documentLimits.depth) return tooDeep;
      if (Array.isArray(value)) {
        if (value.length > documentLimits.values) return tooLarge;
        for (const item of value) open.push({ value: item, depth: depth + 1 });
      } else {
        for (const key in value) {
          if (!Object.hasOwn(value, key)) continue;
          characters += key.length + 3;
          open.push({ value: (value as Record<string, unknown>)[key], depth: depth + 1 });
          if (open.length > documentLimits.values) return tooLarge;
        }
      }
    } else if (!isPlain(value)) return notJson;
    if (characters > documentLimits.characters || values + open.length > documentLimits.values) {
      return tooLarge;
    }
  }
  return undefined;
}

function isPlain(value: unknown): boolean {
  return value === null || ["string", "number", "boolean", "undefined"].includes(typeof value);
}

const tooLarge: Issue = {
  severity: "error",
  code: "blueprint.too-large",
  path: "",
  message: `The blueprint has more than ${documentLimits.characters} characters or ${documentLimits.values} values.`,
  fix: "Publish large code as functions of their own and refer to them as @user/name@1.0.0.",
};

const tooDeep: Issue = {
  severity: "error",
  code: "blueprint.too-deep",
  path: "",
  message: `The blueprint nests deeper than ${documentLimits.depth} levels.`,
  fix: "Flatten the data, or build it in a function.",
};

const notJson: Issue = {
  severity: "error",
  code: "blueprint.not-json",
  path: "",
  message: "The blueprint holds something that JSON cannot hold.",
  fix: "Send plain JSON.",
};
