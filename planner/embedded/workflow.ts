import type { Brief } from "../drafter.ts";
import { act, isMessaging } from "./act.ts";
import { askFirst } from "./approval.ts";
import { askReviewers, withoutAsked } from "./review.ts";
import { addGate, approvalSide, type Gate, withFields } from "./condition-steps.ts";
import { addComputation, type Computation } from "./computation.ts";
import { addCallOff } from "./call-off.ts";
import { type Build, Graph } from "./graph.ts";
import { resourceName, subjectOf, titleOf } from "./naming.ts";
import { addMessage } from "./messages.ts";
import { addServiceCall, connect } from "./services.ts";
import { messageText } from "./message-text.ts";
import { canWrite } from "./model-call.ts";
import { readTheirs, withoutToldThem } from "./own-records.ts";
import { readData } from "./read-data.ts";
import { addRoutes, planRoutes } from "./routes.ts";
import { addEntrance, endEntrance, withAddress, withAdmission } from "./sign-in.ts";
import * as steps from "./steps.ts";
import { toName } from "./text.ts";
import { bestWay } from "./ways.ts";
import type { Understanding } from "./understand.ts";

/** What was built, for the parts that come after: surfaces, tests, summary. */
export interface WrittenWorkflow {
  readonly graph: Graph;
  readonly computed: { readonly id: string; readonly of: Computation } | undefined;
  readonly stubs: unknown[];
  readonly input: Record<string, unknown>;
  readonly output: unknown;
  /** The condition that the intent puts on the data itself. */
  readonly gate: Gate | undefined;
  /** Steps that act on the outside when the condition holds. */
  readonly effects: readonly string[];
}

/** Writes the graph in the order in which data flows: read, think, decide, ask, act, tell. */
export function writeWorkflow(build: Build, said: Understanding, brief: Brief): WrittenWorkflow {
  const known = withoutToldThem(said);
  const graph = new Graph(resourceName(known), build.catalogue);
  const writing: steps.Writing = {
    build,
    known,
    graph,
    model: brief.request.constraints?.model,
    stubs: [],
    existing: brief.request.existing?.tools ?? [],
  };
  graph.add("trigger", "start", { source: sourceOf(known) }, "Start");
  const entrance = addEntrance(writing);
  const early = known.surfaces.has("webhook") || known.surfaces.has("endpoint");
  const first = early ? addGate(writing) : undefined;
  readData(writing);
  if (entrance) readTheirs(writing, entrance);
  const gate = first ?? addGate(writing);
  const fromInput = graph.data === "input";
  const computed = compute(writing, brief);
  think(writing);
  const typed = computed && !known.surfaces.has("schedule") && fromInput;
  const fields = withFields(typed ? computed.of.input : { type: "object" }, gate, known);
  const input = withAddress(fields, entrance);
  const effects = decideAndAct(writing, computed, gate);
  for (const { integration } of known.mentions) {
    if (!build.connections.has(integration.id)) connect(build, integration, false);
  }
  if (known.capabilities.has("retry")) retryCalls(graph);
  const result = withDecision(graph, outputOf(graph, computed));
  if (entrance) endEntrance(writing, entrance);
  const output = withAdmission(graph, result);
  const putOff = known.delay?.unless ? addCallOff(build, graph) : undefined;
  return {
    graph,
    computed,
    stubs: writing.stubs,
    input,
    output: putOff ? { ...(isFields(output) ? output : { result: output }), ...putOff } : output,
    effects,
    gate,
  };
}

/** How a person is asked: by a step that waits for the decision, else over two workflows. */
function approve(writing: steps.Writing, computed: Computed): readonly string[] {
  const review = { needs: ["human_review", "action"], write: askReviewers };
  const twoWorkflows = { needs: ["send_message", "logic"], write: askFirst };
  return bestWay(writing.build.catalogue, [review, twoWorkflows])(writing, computed);
}

/** What was asked to be tried again is: every step that calls outside. */
function retryCalls({ nodes }: Graph): void {
  for (const [at, node] of nodes.entries()) {
    if (!["action", "send_message", "mcp_tool"].includes(node.type)) continue;
    nodes[at] = {
      ...node,
      retry: { attempts: 5, delay_ms: 1000, factor: 2, max_delay_ms: 60_000 },
    };
  }
}

type Computed = { readonly id: string; readonly of: Computation } | undefined;

/** Everything from the first choice on: ways, approvals, effects. */
function decideAndAct(
  writing: steps.Writing,
  computed: Computed,
  gate: Gate | undefined,
): readonly string[] {
  const { known, graph } = writing;
  if (known.needsApproval && gate) return approveOneSide(writing, computed, gate);
  const routes = known.needsApproval || computed?.of.split ? undefined : planRoutes(writing);
  if (routes) return addRoutes(writing, routes, computed);
  if (!gate && branches(known, computed)) steps.addBranch(writing, computed);
  const split = graph.open[0];
  if (known.needsApproval) return approve(writing, computed);
  const effects = act(writing, computed);
  if (split && split.port !== "next") actOtherwise(writing, split, computed);
  return effects;
}

/** "over 50 needs a manager": only that side waits for a person. */
function approveOneSide(writing: steps.Writing, computed: Computed, gate: Gate): readonly string[] {
  const { graph, known } = writing;
  const { asks, other } = approvalSide(known, gate);
  const onMatch = graph.open;
  const onElse = [{ from: gate.step, port: "else" }];
  graph.open = asks === "match" ? onMatch : onElse;
  const effects = approve(writing, computed);
  if (!other) return effects;
  const ends = graph.open;
  graph.open = asks === "match" ? onElse : onMatch;
  const isWaiting = graph.reviewed !== undefined && known.approval !== undefined;
  const acted = act(isWaiting ? withoutAsked(writing, known.approval) : writing, computed);
  graph.open = [...ends, ...graph.open];
  return asks === "match" ? effects : acted;
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
  if (needsItems(of) && graph.data !== "input" && !graph.data.includes("each_item"))
    steps.addEach(writing);
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
  return Object.hasOwn(input["properties"] ?? {}, "items");
}

function itemsOf(graph: Graph): string {
  return graph.data.endsWith("each_item.output")
    ? `{{ ${graph.data}.items }}`
    : `{{ ${graph.data} }}`;
}

function think(writing: steps.Writing): void {
  const { known, build, graph } = writing;
  const { capabilities, surfaces } = known;
  const code = build.functions.length > 0;
  const agent = capabilities.has("agent") || (surfaces.has("bot") && !capabilities.has("model"));
  const named = known.mentions.some(({ integration }) => integration.category === "model");
  if (agent || (capabilities.has("model") && (named || !code))) steps.addThinking(writing, agent);
  for (const { integration } of known.mentions) {
    const thinks = integration.category === "model" && !canWrite(integration);
    if (!thinks) continue;
    build.read.add(integration.id);
    addServiceCall(build, graph, integration, {
      direction: "write",
      id: toName(`call_${integration.id}`),
      title: `Call ${integration.name}`,
      body: { input: graph.said() },
    });
  }
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

function isFields(output: unknown): output is object {
  return typeof output === "object" && output !== null;
}

/** With what was decided: null where nobody had to be asked. */
function withDecision({ reviewed }: Graph, output: unknown): unknown {
  if (!reviewed) return output;
  const last = (field: string) =>
    reviewed.reviews.reduce(
      (before, { step }) => `default(steps.${step}.output.${field}, ${before})`,
      "null",
    );
  const { received: _, ...own } = (isFields(output) ? output : { result: output }) as Record<
    string,
    unknown
  >;
  const hasForm = reviewed.reviews.some(({ approval }) => Object.hasOwn(approval, "fields"));
  const entered = hasForm ? { entered: `{{ ${last("fields")} }}` } : {};
  return { ...own, decision: `{{ ${last("decision")} }}`, ...entered };
}

/** The result: every field of the computation, or what the last thinking step said. */
function outputOf(graph: Graph, computed: { id: string; of: Computation } | undefined): unknown {
  if (computed) {
    const fields = Object.keys(computed.of.output["properties"] ?? {});
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
