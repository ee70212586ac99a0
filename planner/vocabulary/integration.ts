/**
 * How news arrives from a service: `push` calls us, `poll` is asked again and again, `chat` is a
 * place where people talk, `none` only receives.
 */
export type Delivery = "push" | "poll" | "chat" | "none";

/** A service that people name in an intent. */
export interface Integration {
  /** Stable, lower case: `google-sheets`. */
  readonly id: string;
  readonly name: string;
  readonly category: string;
  /** Where its API lives; undefined: it depends on the account. */
  readonly host: string | undefined;
  readonly delivery: Delivery;
  /** Lower case, the name included. */
  readonly aliases: readonly string[];
  /** Its name is an ordinary word too: it counts only when written like a name. */
  readonly ambiguous: boolean;
}

/**
 * Reads a table of `id | Name | host | delivery | alias, alias`, one service a line. A `!` before
 * the name marks an ordinary word; `-` stands for nothing.
 */
export function readTable(category: string, table: string): Integration[] {
  return table
    .trim()
    .split("\n")
    .map((line) => {
      const [id = "", label = "", host = "-", delivery = "none", aliases = ""] = line
        .split("|")
        .map((cell) => cell.trim());
      const name = label.replace(/^!/, "");
      const more = aliases.split(",").map((alias) => alias.trim());
      return {
        id,
        name,
        category,
        host: host === "-" || host === "" ? undefined : host,
        delivery: toDelivery(delivery),
        aliases: [...new Set([name.toLowerCase(), ...more])].filter(Boolean),
        ambiguous: label.startsWith("!"),
      };
    });
}

function toDelivery(word: string): Delivery {
  return word === "push" || word === "poll" || word === "chat" ? word : "none";
}
