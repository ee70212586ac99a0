import { subjectOf } from "./naming.ts";
import * as steps from "./steps.ts";

/** A request brings one record, unless the intent says that it brings several. */
const severalArrive =
  /\b(?:batch(?:es)?|bulk|list of|line items?|rows?|one by one|at a time|(?:for|of|to|validate|process|score|check) each|all (?:the )?\w+s|chunks?|csv|files)\b/i;

/** Reads what does not come with the trigger. */
export function readData(writing: steps.Writing): void {
  const { known } = writing;
  const { surfaces, capabilities } = known;
  const arrives = surfaces.has("webhook") || surfaces.has("endpoint") || surfaces.has("bot");
  const sources = known.mentions.filter(
    ({ role, integration }) => role === "source" && integration.category !== "vector",
  );
  if (!arrives) {
    for (const { integration } of sources)
      if (integration.category !== "chat") steps.addFetch(writing, integration);
  }
  readUnnamed(writing, arrives || sources.length > 0, arrives);
  if (capabilities.has("file")) steps.addFile(writing);
  if (
    capabilities.has("loop") &&
    !surfaces.has("bot") &&
    (!arrives || severalArrive.test(known.english))
  )
    steps.addEach(writing);
  const store = known.mentions.find(({ integration }) => integration.category === "vector");
  if (capabilities.has("retrieve") || store) steps.addRetrieve(writing, store?.integration);
}

/** Two sources at once: both branches meet in the step that follows. */
function readTwo(writing: steps.Writing): void {
  const { graph } = writing;
  const before = graph.open;
  const first = steps.addOpenFetch(writing, "source_one", "the first source");
  graph.open = before;
  const second = steps.addOpenFetch(writing, "source_two", "the second source");
  graph.open = [
    { from: first, port: "next" },
    { from: second, port: "next" },
  ];
  graph.data = `[steps.${first}.output.body, steps.${second}.output.body]`;
}

/** Sources that the intent does not name: an API, a table, a look-up. `served`: data is there already. */
function readUnnamed(writing: steps.Writing, served: boolean, arrives: boolean): void {
  const { known, graph } = writing;
  const { surfaces, capabilities, english } = known;
  const asksApi =
    /\b(?:fetch|pull|get|call|query|from|through) (?:\w+ ){0,4}(?:apis?|endpoint|url|website|page|site)\b|\bapis\b/i.test(
      english,
    );
  if (capabilities.has("parallel")) {
    readTwo(writing);
  } else if (asksApi && !arrives) {
    const id = steps.addOpenFetch(writing, "fetch_api", "the records");
    graph.data = `steps.${id}.output.body`;
  } else if (!served && surfaces.has("schedule")) {
    const lookups = known.mentions.filter(
      ({ integration }) => integration.category === "web" || integration.category === "finance",
    );
    const found = lookups[0]?.integration;
    if (found) steps.addFetch(writing, found);
    else if (capabilities.has("store")) steps.addStore(writing, "read");
    else
      graph.data = `steps.${steps.addOpenFetch(writing, "fetch_source", `the ${subjectOf(english)} records`)}.output.body`;
  } else if (
    !served &&
    capabilities.has("store") &&
    /\b(?:records?|rows?|table)\b/i.test(english)
  ) {
    steps.addStore(writing, "read");
  } else if (
    surfaces.has("endpoint") &&
    capabilities.has("store") &&
    /\b(?:search|query|get \/|reads?|list|lookup|look up|returns?)\b/i.test(english)
  ) {
    const named = known.mentions.find(({ integration }) =>
      ["database", "table"].includes(integration.category),
    );
    if (named) steps.addFetch(writing, named.integration);
    else steps.addStore(writing, "read");
  }
}
