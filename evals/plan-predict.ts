import type { BlueprintInput } from "#blueprints/blueprint";
import type { PlanAnswer } from "#planner/request";
import { integrationById } from "#planner/vocabulary/integrations/index";

/** What a plan would build, in the vocabulary of the labelled intents. */
export interface Prediction {
  readonly id: string;
  readonly modules: readonly string[];
  readonly integrations: readonly string[];
  readonly nodes: readonly string[];
  readonly needs_approval: boolean;
  readonly caller_auth: boolean;
  readonly clarify: boolean;
  readonly no_infra: boolean;
}

type Workflow = NonNullable<BlueprintInput["workflows"]>[number];
type Node = Workflow["nodes"][number];

/** Reads a prediction off a plan's answer: the blueprint, what it requires, what it asks. Never off the text. */
export function predict(id: string, answer: PlanAnswer): Prediction {
  const { blueprint, requires, questions } = answer;
  const named = requires.connections
    .filter(({ assumed }) => !assumed)
    .map(({ integration }) => integration);
  const decides = new Set(blueprint?.workflows?.filter(isDecision).map(({ name }) => name));
  return {
    id,
    modules: blueprint ? [...modulesOf(blueprint, decides)] : [],
    integrations: blueprint ? named : [],
    nodes: blueprint ? [...nodesOf(blueprint)] : [],
    needs_approval: decides.size > 0 || hasType(blueprint, "human_review"),
    caller_auth:
      hasType(blueprint, "auth_gate") || requires.decisions.some((one) => one.id === "caller_auth"),
    clarify: questions.length > 0,
    no_infra: blueprint === undefined && answer.confidence >= 0.1,
  };
}

/** A workflow that goes on only where a person said so. */
function isDecision({ nodes }: Workflow): boolean {
  return nodes.some(
    ({ type, config }) => type === "logic" && JSON.stringify(config).includes("input.approved"),
  );
}

/** Asking the approver and reading the decision are the approval, not a message and a condition beside it. */
function isPartOfApproval({ id, type, config }: Node): boolean {
  return (
    id === "ask_for_approval" ||
    (type === "logic" && JSON.stringify(config).includes("input.approved"))
  );
}

function hasType(blueprint: BlueprintInput | undefined, type: string): boolean {
  return (
    blueprint?.workflows?.some(({ nodes }) => nodes.some((node) => node.type === type)) ?? false
  );
}

function modulesOf(blueprint: BlueprintInput, decides: ReadonlySet<string>): Set<string> {
  const modules = new Set<string>();
  if (blueprint.mcps?.length) modules.add("mcp");
  if (blueprint.schedules?.length) modules.add("schedule");
  if (blueprint.webhooks?.length) modules.add("webhook");
  if (blueprint.bots?.length) modules.add("bot");
  if (blueprint.endpoints?.some(({ workflow }) => !decides.has(workflow))) modules.add("endpoint");
  const main = blueprint.workflows?.filter(({ name }) => !decides.has(name)) ?? [];
  const own = main.filter(
    (workflow) =>
      !isPartOfABot(workflow, blueprint) || decides.size > 0 || hasType(blueprint, "human_review"),
  );
  if (
    own.some(({ nodes }) => !isThin(nodes)) ||
    (own.length > 0 &&
      !blueprint.functions?.length &&
      !(modules.size === 1 && modules.has("endpoint")))
  )
    modules.add("workflow");
  // A function that a workflow calls is a part of it; one that stands alone or behind a bare endpoint is the product.
  if (blueprint.functions?.length && (main.length === 0 || own.some(({ nodes }) => isThin(nodes))))
    modules.add("function");
  return modules;
}

/** A bot answers through a workflow; that alone makes it no workflow of its own. */
function isPartOfABot({ name }: Workflow, blueprint: BlueprintInput): boolean {
  const owned = blueprint.bots?.some(({ workflow }) => workflow === name) ?? false;
  return owned && !blueprint.schedules?.length && !blueprint.webhooks?.length;
}

/** Trigger and at most two steps that only compute or read. */
function isThin(nodes: readonly Node[]): boolean {
  const rest = nodes.filter(({ type }) => type !== "trigger");
  const quiet = rest.every(
    ({ type, config }) =>
      type === "call_function" || (type === "action" && config?.["method"] === "GET"),
  );
  return quiet && rest.length <= 2;
}

function nodesOf(blueprint: BlueprintInput): Set<string> {
  const found = new Set<string>();
  for (const { nodes } of blueprint.workflows ?? []) {
    for (const node of nodes.filter((one) => !isPartOfApproval(one)))
      for (const kind of kindsOf(node)) found.add(kind);
  }
  if (blueprint.workflows?.some(runsAtOnce)) found.add("parallel");
  if (blueprint.workflows?.some(({ nodes }) => nodes.some(({ retry }) => retry)))
    found.add("retry");
  for (const { code, egress } of blueprint.mcps ?? [])
    if (code) found.add(serverKind(egress ?? []));
  if (blueprint.workflows?.some(isDecision)) found.add("approval");
  if (blueprint.functions?.length && !blueprint.workflows?.length) found.add("code");
  const answers = blueprint.endpoints?.some(
    ({ workflow }) =>
      !blueprint.workflows?.find(
        ({ name }) =>
          name === workflow &&
          isDecision({
            name,
            nodes: blueprint.workflows?.find((one) => one.name === workflow)?.nodes ?? [],
          }),
      ),
  );
  if (answers || blueprint.bots?.length) found.add("respond");
  return found;
}

/** Two steps behind one way out run at once. */
function runsAtOnce({ edges = [] }: Workflow): boolean {
  const ways = edges.map(({ from, port }) => `${from} ${port ?? "next"}`);
  return new Set(ways).size < ways.length;
}

/** What the tools of a hosted server do: compute, or call a service. */
function serverKind(egress: readonly string[]): string {
  if (egress.length === 0) return "code";
  return egress.some((host) => categoryOf(`https://${host}/`) === "database") ? "db" : "action";
}

const byType: Readonly<Record<string, string>> = {
  llm_call: "llm",
  agent_loop: "agent",
  loop: "loop",
  parallel: "parallel",
  human_review: "approval",
  send_message: "notify",
  schedule_message: "notify",
  send_proactive: "notify",
  delegate_to_bot: "subflow",
  error_handler: "retry",
  mcp_tool: "action",
  call_function: "code",
};

function kindsOf(node: Node): string[] {
  if (node.type === "logic") {
    const cases = node.config?.["cases"];
    return [Array.isArray(cases) && cases.length > 1 ? "switch" : "condition"];
  }
  if (node.type === "code_block") return codeKinds(node);
  if (node.config?.["set"]) return [];
  if (node.type === "action") return node.config?.["emit"] ? ["action"] : actionKinds(node);
  const kind = byType[node.type];
  return kind ? [kind] : [];
}

/** What a piece of code does to its input. */
function codeKinds({ id, config }: Node): string[] {
  const code = textOf(config?.["code"]);
  if (/for \(const \w+ of listIn/.test(code)) return ["loop"];
  if (/mimeType|filename/.test(code)) return ["file"];
  return id === "check" ? [] : ["code"];
}

function actionKinds({ id, config = {} }: Node): string[] {
  const text = JSON.stringify(config);
  const category = categoryOf(textOf(config["url"]));
  if (/"(?:messages|systemInstruction|instructions)":/.test(text))
    return [/"tools":|^agent/.test(text) || id.startsWith("agent") ? "agent" : "llm"];
  if (category === "database" || /DATABASE_/.test(text)) return ["db"];
  if (category === "vector" || id.startsWith("retrieve")) return ["retrieve"];
  return ["action"];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function categoryOf(url: string): string | undefined {
  const host = /^https?:\/\/([^/]+)/.exec(url)?.[1];
  for (const integration of integrationById.values()) {
    const own = integration.host ?? `${integration.id.replace(/[^a-z0-9-]/g, "-")}.example.com`;
    if (own === host) return integration.category;
  }
  return undefined;
}
