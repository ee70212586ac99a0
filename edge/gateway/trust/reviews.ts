import type { Tool } from "@modelcontextprotocol/client";
import type { McpLink } from "#edge/gateway/workspace-api";
import { finalName } from "#edge/gateway/tool-names";
import type { Pins } from "./pins.ts";
import type { Review } from "./review.ts";

interface Seen {
  readonly alias: string;
  readonly definition: McpLink;
  readonly tools: readonly Tool[];
}

/** What may be used of every link, judged once for as long as nothing changes. */
export class Reviews {
  readonly #pins: Pins;
  readonly #links: () => Iterable<Seen>;
  readonly #reviews = new Map<string, Review>();
  /** Aliases by the names of their tools, own and final. */
  #owners: Map<string, Set<string>> | undefined;

  constructor(pins: Pins, links: () => Iterable<Seen>) {
    this.#pins = pins;
    this.#links = links;
  }

  of({ alias, definition, tools }: Seen): Review {
    let review = this.#reviews.get(alias);
    if (!review) {
      const owners = (this.#owners ??= this.#collect());
      review = this.#pins.review(definition, tools, {
        has(name) {
          const holders = owners.get(name);
          return holders !== undefined && (holders.size > 1 || !holders.has(alias));
        },
      });
      this.#reviews.set(alias, review);
    }
    return review;
  }

  /** After tools, links or pins changed: what one server lists also tells about the others. */
  invalidate(): void {
    this.#reviews.clear();
    this.#owners = undefined;
  }

  #collect(): Map<string, Set<string>> {
    const owners = new Map<string, Set<string>>();
    for (const { alias, tools } of this.#links()) {
      for (const { name } of tools) {
        for (const one of [name, finalName(alias, name)]) {
          const holders = owners.get(one) ?? new Set();
          owners.set(one, holders.add(alias));
        }
      }
    }
    return owners;
  }
}
