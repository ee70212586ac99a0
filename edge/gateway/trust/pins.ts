import { eq } from "drizzle-orm";
import type { Tool } from "@modelcontextprotocol/client";
import { InputError } from "#blueprints/error";
import { pinnedLinks, toolPins } from "#edge/db/tables/workspace-object";
import type { WorkspaceDatabase } from "#edge/db/workspace-database";
import type { McpLink } from "#edge/gateway/workspace-api";
import { fingerprint } from "./fingerprint.ts";
import type { Neighbours } from "./flags.ts";
import { type Pinned, type Review, reviewTools } from "./review.ts";

interface PinPlace {
  readonly database: WorkspaceDatabase;
  now(): number;
}

/**
 * The definitions that a workspace has accepted. An external server's tools are pinned when it is
 * listed first; hosted ones change by deployment only, which is a decision of its own.
 */
export class Pins {
  readonly #place: PinPlace;
  readonly #known = new Map<string, Pinned | undefined>();

  constructor(place: PinPlace) {
    this.#place = place;
  }

  /** What may be used of `seen`; pins it where nothing of this server is pinned yet. */
  review(link: McpLink, seen: readonly Tool[], foreign: Neighbours["foreign"]): Review {
    if (link.source.kind !== "external") return { accepted: seen, quarantined: [], flags: {} };
    const pinned = this.#pinned(link.alias, link.source.url);
    const review = reviewTools(seen, pinned, foreign);
    if (!pinned && seen.length > 0) this.#pin(link.alias, link.source.url, review.accepted);
    return review;
  }

  /** From now on these definitions, as last seen, are the accepted ones. Throws `tool.not-waiting`. */
  accept(link: McpLink, seen: readonly Tool[], names: readonly string[]): void {
    const wanted = names.map((name) => {
      const tool = seen.find((one) => one.name === name);
      if (tool) return tool;
      throw new InputError("tool.not-waiting", `"${link.alias}" has no tool "${name}".`, {
        status: 404,
        fix: "Give the names that get shows under quarantined.",
      });
    });
    if (link.source.kind === "external") this.#pin(link.alias, link.source.url, wanted);
  }

  forget(alias: string): void {
    const { database } = this.#place;
    database.delete(toolPins).where(eq(toolPins.alias, alias)).run();
    database.delete(pinnedLinks).where(eq(pinnedLinks.alias, alias)).run();
    this.#known.delete(alias);
  }

  #pin(alias: string, url: string, tools: readonly Tool[]): void {
    const { database } = this.#place;
    const pinnedAt = this.#place.now();
    database.transaction((transaction) => {
      transaction.insert(pinnedLinks).values({ alias, url, pinnedAt }).onConflictDoNothing().run();
      for (const tool of tools) {
        const set = { hash: fingerprint(tool), definition: tool, pinnedAt };
        transaction
          .insert(toolPins)
          .values({ alias, tool: tool.name, ...set })
          .onConflictDoUpdate({ target: [toolPins.alias, toolPins.tool], set })
          .run();
      }
    });
    this.#known.delete(alias);
  }

  /** Undefined: nothing is accepted of this server yet. Another address is another server. */
  #pinned(alias: string, url: string): Pinned | undefined {
    if (this.#known.has(alias)) return this.#known.get(alias);
    const { database } = this.#place;
    const link = database.select().from(pinnedLinks).where(eq(pinnedLinks.alias, alias)).get();
    if (link && link.url !== url) this.forget(alias);
    const rows = database.select().from(toolPins).where(eq(toolPins.alias, alias)).all();
    const pinned = link?.url === url ? new Map(rows.map((row) => [row.tool, row])) : undefined;
    this.#known.set(alias, pinned);
    return pinned;
  }

  /** The link was stored anew: its address may be another. */
  reread(alias: string): void {
    this.#known.delete(alias);
  }
}
