import { failed } from "./function.ts";

/** What bounds the work of one expression, whoever wrote it. */
export const expressionLimits = {
  /** Characters of the source. */
  source: 4_000,
  /** Nodes of the syntax tree, and how deep they may nest. */
  nodes: 500,
  depth: 32,
  /** Steps of one evaluation: nodes visited, list items and 100 characters of text each count one. */
  steps: 200_000,
  /** Characters of a text that an expression makes. */
  text: 2_000_000,
} as const;

/** Counts the steps of one evaluation and ends it when there are too many. */
export interface Budget {
  spend(steps: number): void;
  /** Charges for a text about to be made or searched, and refuses one that is too long. */
  text(length: number): void;
}

/** The whole budget of one evaluation. Throws InputError `expression.failed` when it is spent. */
export function createBudget(): Budget {
  let left: number = expressionLimits.steps;
  const spend = (steps: number): void => {
    left -= steps;
    if (left >= 0) return;
    throw failed(
      `it takes more than ${expressionLimits.steps} steps.`,
      "Do the heavy part in a function or code_block, or filter the list first.",
    );
  };
  return {
    spend,
    text(length) {
      if (length > expressionLimits.text) {
        throw failed(
          `it makes a text longer than ${expressionLimits.text} characters.`,
          "Shorten the parts, or build the text in a function.",
        );
      }
      spend(1 + Math.floor(length / 100));
    },
  };
}

/** The source as it is shown in messages. */
export function quote(source: string): string {
  const line = source.replaceAll(/\s+/g, " ").trim();
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}
