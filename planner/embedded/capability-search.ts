import MiniSearch from "minisearch";
import { capabilities, type Capability } from "../vocabulary/capabilities.ts";

let index: MiniSearch | undefined;

/** A word as its stem, roughly: plural, -ing and -ed fall away. */
function stem(term: string): string | null {
  const word = term.toLowerCase();
  if (word.length < 3) return null;
  return word.replace(/(?:ing|ies|ied|ed|es|s|ation)$/, "");
}

/** Below this a clause shares one common word with an entry by accident. */
const threshold = 3;

/** The capability whose words are nearest to a clause (BM25); undefined when none is near. */
export function retrieveCapability(clause: string): Capability | undefined {
  if (!index) {
    index = new MiniSearch({ fields: ["words"], storeFields: [], processTerm: stem });
    index.addAll(capabilities.map(({ capability, words }) => ({ id: capability, words })));
  }
  const best = index.search(clause.slice(0, 300), { prefix: (term) => term.length > 4 })[0];
  return best && best.score >= threshold ? (best.id as Capability) : undefined;
}
