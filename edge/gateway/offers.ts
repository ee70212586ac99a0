import { InputError } from "#blueprints/error";
import type { Links } from "./links.ts";
import type { Vault } from "./secrets/vault.ts";
import { finalName } from "./tool-names.ts";
import { stringOf } from "./upstream/json-rpc.ts";
import type { Link } from "./upstream/link.ts";

/** What upstreams offer beside tools, by the list method that names it. */
const lists = {
  "resources/list": { capability: "resources", key: "resources" },
  "resources/templates/list": { capability: "resources", key: "resourceTemplates" },
  "prompts/list": { capability: "prompts", key: "prompts" },
} as const;
export type ListMethod = keyof typeof lists;

export interface Offer {
  readonly link: Link;
  /** As the upstream defined it. */
  readonly item: Record<string, unknown>;
}

/** Milliseconds that a list is taken from memory. */
const keptMs = 30_000;

interface OfferPlace {
  readonly links: Links;
  readonly vault: Vault;
  now(): number;
}

/** Resources, templates and prompts of all links; one that is down only misses from the lists. */
export class Offers {
  readonly #place: OfferPlace;
  readonly #kept = new Map<string, { at: number; offers: Promise<Offer[]> }>();

  constructor(place: OfferPlace) {
    this.#place = place;
  }

  invalidate(): void {
    this.#kept.clear();
  }

  has(capability: "resources" | "prompts" | "completions"): boolean {
    return this.#links().some((link) => link.offers(capability));
  }

  async list(method: ListMethod): Promise<Offer[]> {
    const { capability } = lists[method];
    const able = this.#links().filter((link) => link.offers(capability));
    return (await Promise.all(able.map((link) => this.#listOf(link, method)))).flat();
  }

  /** Where a resource comes from, and its URI or template as listed there; throws `resource.unknown`. */
  async resource(uri: string): Promise<{ readonly link: Link; readonly listed: string }> {
    const found = (await this.list("resources/list")).find(({ item }) => item["uri"] === uri);
    if (found) return { link: found.link, listed: uri };
    const templates = await this.list("resources/templates/list");
    const fitting = templates.find(({ item }) => fits(uri, item["uriTemplate"]));
    if (fitting) return { link: fitting.link, listed: stringOf(fitting.item["uriTemplate"]) };
    const able = this.#links().filter((link) => link.offers("resources"));
    // Not every server lists all that it can read; with one of them there is no doubt whose it is.
    if (able.length === 1 && able[0]) return { link: able[0], listed: "-" };
    throw new InputError("resource.unknown", `There is no resource "${uri.slice(0, 200)}".`, {
      status: 404,
      fix: "List the resources of the workspace.",
    });
  }

  /** The prompt behind a final name, `<alias>__<prompt>`; throws `prompt.unknown`. */
  async prompt(name: string): Promise<Offer> {
    const prompts = await this.list("prompts/list");
    const found = prompts.find((offer) => promptName(offer) === name);
    if (found) return found;
    throw new InputError("prompt.unknown", `There is no prompt "${name.slice(0, 100)}".`, {
      status: 404,
      fix: "List the prompts of the workspace.",
    });
  }

  #links(): Link[] {
    const all = this.#place.links.list().map(({ alias }) => this.#place.links.get(alias));
    // What members sign in to one by one is not shown to the others through one of them.
    return all.filter((link) => link !== undefined).filter((link) => !isPersonal(link));
  }

  #listOf(link: Link, method: ListMethod): Promise<Offer[]> {
    const key = `${method} ${link.definition.alias}`;
    const now = this.#place.now();
    const kept = this.#kept.get(key);
    if (kept && kept.at > now - keptMs) return kept.offers;
    const offers = link
      .list(method, lists[method].key)
      .then(async (items) => (await this.#place.vault.redactor()).value(items))
      .then((items) => items.map((item) => ({ link, item })))
      .catch(() => {
        this.#kept.delete(key);
        return [];
      });
    this.#kept.set(key, { at: now, offers });
    return offers;
  }
}

export function promptName({ link, item }: Offer): string {
  return finalName(link.definition.alias, stringOf(item["name"]));
}

/** By what stands before the first variable; templates of different servers differ there. */
function fits(uri: string, template: unknown): boolean {
  if (typeof template !== "string") return false;
  const fixed = template.split("{", 1)[0] ?? "";
  return fixed !== "" && uri.startsWith(fixed);
}

function isPersonal({ definition: { auth } }: Link): boolean {
  return auth.type === "oauth" && auth.per === "member";
}
