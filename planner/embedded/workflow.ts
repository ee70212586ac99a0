import type { Brief } from "../drafter.ts";
import type { Integration } from "../vocabulary/integration.ts";
import { addComputation, type Computation } from "./computation.ts";
import { type Build, Graph } from "./graph.ts";
import { resourceName, subjectOf, titleOf } from "./naming.ts";
import { addMessage, addServiceCall, connect, decide } from "./services.ts";
import { messageText } from "./message-text.ts";
import * as steps from "./steps.ts";
import { toName } from "./text.ts";
import type { Understanding } from "./understand.ts";

/** What was built, for the parts that come after: surfaces, tests, summary. */
export interface WrittenWorkflow {
  readonly graph: Graph;
  readonly computed: { readonly id: string; readonly of: Computation } | undefined;
  readonly stubs: unknown[];
  readonly input: Record<string, unknown>;
  readonly output: unknown;
  /** Steps that act on the outside when the condition holds. */
  readonly effects: readonly string[];
}

const isMessaging = ({ category, id }: Integration) =>
  ["chat", "email", "sms"].includes(category) && id !== "imap";

/** Writes the graph in the order in which data flows: read, think, decide, ask, act, tell. */
export function writeWorkflow(build: Build, known: Understanding, brief: Brief): WrittenWorkflow {
  const graph = new Graph(resourceName(known), build.catalogue);
  const writing: steps.Writing = {
    build,
    known,
    graph,
    model: brief.request.constraints?.model,
    stubs: [],
  };
  graph.add("trigger", "start", { source: sourceOf(known) }, "Start");
  readData(writing);
  const computed = compute(writing, brief);
  think(writing);
  const input =
    computed && !known.surfaces.has("schedule") && graph.nodes[1]?.type === "call_function"
      ? computed.of.input
      : { type: "object" };
  if (known.capabilities.has("switch") && !computed?.of.split) steps.addSwitch(writing, computed);
  else if (branches(known, computed)) steps.addBranch(writing, computed);
  const split = graph.open[0];
  const effects = known.needsApproval ? askFirst(writing) : act(writing, computed);
  if (split && split.port !== "next" && !known.needsApproval)
    actOtherwise(writing, split, computed);
  for (const { integration } of known.mentions) {
    if (!build.connections.has(integration.id)) connect(build, integration, false);
  }
  return {
    graph,
    computed,
    stubs: writing.stubs,
    input,
    output: outputOf(graph, computed),
    effects,
  };
}

function branches(known: Understanding, computed: { of: Computation } | undefined): boolean {
  if (known.surfaces.has("bot") && !/\b(?:if|only|unless|flag|approv)/i.test(known.english))
    return false;
  return (
    known.capabilities.has("branch") ||
    (computed?.of.split !== undefined && known.capabilities.has("notify"))
  );
}

function sourceOf({ surfaces }: Understanding): string {
  for (const surface of ["endpoint", "webhook", "bot", "schedule"] as const)
    if (surfaces.has(surface)) return surface;
  return "manual";
}

/** Reads what does not come with the trigger. */
function readData(writing: steps.Writing): void {
  const { known, graph, build } = writing;
  const { surfaces, capabilities, english } = known;
  const arrives = surfaces.has("webhook") || surfaces.has("endpoint") || surfaces.has("bot");
  const sources = known.mentions.filter(
    ({ role, integration }) => role === "source" && integration.category !== "vector",
  );
  if (!arrives) {
    for (const { integration } of sources)
      if (integration.category !== "chat") steps.addFetch(writing, integration);
  }
  const asksApi =
    /\b(?:fetch|pull|get|call|query|from|through) (?:\w+ ){0,4}(?:apis?|endpoint|url|website|page|site)\b|\bapis\b/i.test(
      english,
    );
  if (capabilities.has("parallel")) {
    const first = steps.addOpenFetch(writing, "source_one", "the first source");
    const from = { from: "start", port: "next" };
    graph.open = [from];
    const second = steps.addOpenFetch(writing, "source_two", "the second source");
    graph.open = [
      { from: first, port: "next" },
      { from: second, port: "next" },
    ];
    graph.data = `[steps.${first}.output.body, steps.${second}.output.body]`;
  } else if (asksApi && !arrives) {
    const id = steps.addOpenFetch(writing, "fetch_api", "the records");
    graph.data = `steps.${id}.output.body`;
  } else if (!arrives && sources.length === 0 && surfaces.has("schedule")) {
    const lookups = known.mentions.filter(
      ({ integration }) => integration.category === "web" || integration.category === "finance",
    );
    const found = lookups[0]?.integration;
    if (found) steps.addFetch(writing, found);
    else if (capabilities.has("store")) steps.addStore(writing, "read");
    else
      graph.data = `steps.${steps.addOpenFetch(writing, "fetch_source", `the ${subjectOf(english)} records`)}.output.body`;
  } else if (
    !arrives &&
    sources.length === 0 &&
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
  if (capabilities.has("file")) steps.addFile(writing);
  if (capabilities.has("loop") && !surfaces.has("bot")) steps.addEach(writing);
  const store = known.mentions.find(({ integration }) => integration.category === "vector");
  if (capabilities.has("retrieve") || store) steps.addRetrieve(writing, store?.integration);
  void build;
}

function compute(
  writing: steps.Writing,
  brief: Brief,
): { id: string; of: Computation } | undefined {
  const { build, known, graph } = writing;
  const byModel =
    known.mentions.some(({ integration }) => integration.category === "model") ||
    /\b(?:ai|llm)\b/i.test(known.english);
  const wanted = known.capabilities.has("code") || brief.hits.length > 0;
  if (!wanted || (byModel && !/\bscor|valid|dedup|calculat/i.test(known.english))) return undefined;
  const of = addComputation(build, known, brief);
  if (!of) return undefined;
  const input =
    needsItems(of) && graph.data !== "input"
      ? { input: { items: itemsOf(graph) } }
      : { input: `{{ ${graph.data} }}` };
  const plain = graph.data === "input";
  const id = graph.add(
    "call_function",
    toName(of.name),
    { function: of.name, ...(plain ? {} : input) },
    titleOf(known.phraseOf.get("code") ?? of.name),
  );
  graph.data = `steps.${id}.output`;
  graph.text = undefined;
  return { id, of };
}

function needsItems({ input }: Computation): boolean {
  return Object.hasOwn((input["properties"] ?? {}) as object, "items");
}

function itemsOf(graph: Graph): string {
  return graph.data.endsWith("each_item.output")
    ? `{{ ${graph.data}.items }}`
    : `{{ [${graph.data}] }}`;
}

function think(writing: steps.Writing): void {
  const { known, build, graph } = writing;
  const { capabilities, surfaces } = known;
  const code = build.functions.length > 0;
  const agent = capabilities.has("agent") || (surfaces.has("bot") && !capabilities.has("model"));
  const named = known.mentions.some(({ integration }) => integration.category === "model");
  if (agent || (capabilities.has("model") && (named || !code))) steps.addThinking(writing, agent);
  for (const { integration } of known.mentions) {
    const thinks =
      integration.category === "model" &&
      ![
        "openai",
        "anthropic",
        "gemini",
        "mistral",
        "groq",
        "deepseek",
        "openrouter",
        "perplexity",
        "grok",
      ].includes(integration.id);
    if (thinks)
      addServiceCall(build, graph, integration, {
        direction: "write",
        id: toName(`call_${integration.id}`),
        title: `Call ${integration.name}`,
        body: { input: graph.said() },
      });
  }
}

/** Messages a person and stops; their decision starts the second workflow, which acts. */
function askFirst(writing: steps.Writing): readonly string[] {
  const { build, known, graph } = writing;
  const name = toName(`${graph.name.slice(0, 31)}_decision`);
  const channel = known.mentions.find(
    ({ integration }) => isMessaging(integration) && integration.id !== "gmail",
  )?.integration;
  const ask = addMessage(build, graph, channel ?? steps.defaultChannel(), {
    id: "ask_for_approval",
    title: "Ask a person to approve",
    subject: "Approval needed",
    text: `Approval needed: ${known.text.slice(0, 200)}\nProposed: ${graph.said()}\nDecide: POST {"approved": true or false, "request": {...}} to the endpoint "${name}".`,
    assumed: channel === undefined,
  });
  const decision = new Graph(name, build.catalogue);
  const second: steps.Writing = { ...writing, graph: decision };
  decision.add("trigger", "start", { source: "endpoint" }, "A person decided");
  decision.data = "input.request";
  const route = decision.add(
    "logic",
    "approved",
    { cases: [{ port: "approved", when: "input.approved" }] },
    "Approved?",
  );
  decision.open = [{ from: route, port: "approved" }];
  const done = act(second);
  build.workflows.push({
    name,
    description: `Acts on what a person decided: ${known.text.slice(0, 300)}`,
    input: {
      type: "object",
      properties: { approved: { type: "boolean" }, request: { type: "object" } },
      required: ["approved", "request"],
    },
    nodes: decision.nodes,
    edges: decision.edges,
    output: { approved: "{{ input.approved }}" },
  });
  build.endpoints.push({
    name,
    workflow: name,
    description: "Where the approver's decision is sent.",
    auth: "token",
  });
  const request = { id: "sample" };
  build.tests.push(
    {
      name: "what was approved is done",
      target: { kind: "workflow", name },
      input: { approved: true, request },
      stubs: [],
      expect: { output: { approved: true }, visited: [...done] },
    },
    {
      name: "what was rejected is not done",
      target: { kind: "workflow", name },
      input: { approved: false, request },
      stubs: [],
      expect: { output: { approved: false }, not_visited: [...done], no_effects: true },
    },
  );
  return [ask];
}

/** Everything that changes the outside: stores, services, messages. */
function act(
  writing: steps.Writing,
  computed?: { of: Computation; id: string },
): readonly string[] {
  const { build, known, graph } = writing;
  const done: string[] = [];
  const used = new Set(build.connections.keys());
  const subject = subjectOf(known.english);
  const bot = known.surfaces.has("bot");
  const storeNamed = known.mentions.some(({ integration }) => integration.category === "database");
  const wantsStore =
    known.capabilities.has("store") &&
    !storeNamed &&
    /\b(?:save|sav|store|insert|upsert|persist|record|update|create|log|track|keep|mark|remember|database)\w*\b/i.test(
      known.english,
    );
  if (
    wantsStore &&
    !known.mentions.some(({ integration }) => ["table", "crm", "files", "cloud"].includes(integration.category)) &&
    !known.pure
  ) {
    steps.addStore(writing, "write");
    done.push("db_save");
  }
  for (const { integration, role } of known.mentions) {
    if (["model", "vector"].includes(integration.category)) continue;
    const messages =
      isMessaging(integration) && !(integration.category === "email" && role === "source");
    if (
      messages &&
      bot &&
      integration.category === "chat" &&
      known.mentions.find(({ integration: one }) => one.category === "chat")?.integration.id ===
        integration.id
    )
      continue;
    if (messages) {
      const text = messageText(writing, computed, subject);
      done.push(
        addMessage(build, graph, integration, {
          id: toName(`notify_${integration.id}`),
          title: `Tell ${integration.name}`,
          subject: titleOf(known.text).slice(0, 80),
          text,
        }),
      );
    } else if (
      !used.has(integration.id) ||
      (role === "source" &&
        /\b(?:back|label|move|update|comment|reply|tag|mark|archive)\b/i.test(known.english))
    ) {
      const id = toName(`${steps.prefixOf(integration, "write")}_${integration.id}`);
      done.push(
        addServiceCall(build, graph, integration, {
          direction: "write",
          id,
          title: `Write to ${integration.name}`,
          body: { data: graph.said() },
        }),
      );
    }
  }
  if (
    known.capabilities.has("notify") &&
    !bot &&
    !known.mentions.some(({ integration }) => isMessaging(integration))
  ) {
    done.push(
      addMessage(build, graph, steps.defaultChannel(), {
        id: "notify",
        title: "Tell people",
        subject: titleOf(known.text).slice(0, 80),
        text: messageText(writing, computed, subject),
        assumed: true,
      }),
    );
  }
  if (done.length === 0 && known.needsApproval) {
    const url = decide(
      build,
      "action_url",
      "Address that carries out what was approved.",
      "https://action.example.com/",
    );
    build.egress.add(new URL(url).host);
    done.push(
      graph.add(
        "action",
        "do_it",
        { method: "POST", url, body: { request: `{{ ${graph.data} }}` } },
        "Do what was approved",
      ),
    );
  }
  return done;
}

/** The other way out of a condition, where the intent gives everyone the message or names an alternative. */
function actOtherwise(
  writing: steps.Writing,
  split: { from: string; port: string },
  computed: { id: string; of: Computation } | undefined,
): void {
  const { build, known, graph } = writing;
  const conditional =
    /\b(?:if|only|unless|when the|above|over|below|under|at least|more than|hot|high[- ])\b/i.test(
      known.english,
    );
  const alternative = /\b(?:otherwise|else|the rest|the others|bad ones|unpaid|if not)\b/i.test(
    known.english,
  );
  if ((conditional && !alternative) || !known.capabilities.has("notify") || !computed) return;
  const ends = graph.open;
  const channel = known.mentions.find(
    ({ integration, role }) => isMessaging(integration) && role !== "source",
  )?.integration;
  graph.open = [{ from: split.from, port: "else" }];
  addMessage(build, graph, channel ?? steps.defaultChannel(), {
    id: toName(`notify_rest_${channel?.id ?? "slack"}`),
    title: "Tell about the others",
    subject: "For information",
    text: messageText(writing, computed, `${subjectOf(known.english)} (for information)`),
    assumed: channel === undefined,
  });
  graph.open = [...ends, ...graph.open];
}

/** The result: every field of the computation, or what the last thinking step said. */
function outputOf(graph: Graph, computed: { id: string; of: Computation } | undefined): unknown {
  if (computed) {
    const fields = Object.keys((computed.of.output["properties"] ?? {}) as object);
    if (fields.length === 0) return `{{ steps.${computed.id}.output }}`;
    const required = new Set((computed.of.output["required"] ?? []) as string[]);
    const read = (field: string) =>
      required.has(field)
        ? `{{ steps.${computed.id}.output.${field} }}`
        : `{{ default(steps.${computed.id}.output.${field}, null) }}`;
    return Object.fromEntries(fields.map((field) => [field, read(field)]));
  }
  if (graph.text) return { answer: `{{ ${graph.text} }}` };
  return graph.data === "input" ? { received: true } : { result: `{{ ${graph.data} }}` };
}
