import type { BlueprintInput } from "#blueprints/blueprint";
import { isStandIn } from "../answers.ts";
import type { Brief, Draft, Drafter } from "../drafter.ts";
import { addComputation } from "./computation.ts";
import { type Build, startBuild } from "./graph.ts";
import { blank } from "./approval-terms.ts";
import { readWait } from "./delay.ts";
import { addServer } from "./hosted-server.ts";
import { resourceName } from "./naming.ts";
import {
  askQuestions,
  asksReviewers,
  confidenceOf,
  questionsFor,
  type Unanswered,
} from "./questions.ts";
import { describeApproval, unnamedReviewers } from "./review.ts";
import { addCallerAuth, addSurfaces, lacksSignIn } from "./surfaces.ts";
import { listed, readLimit, toName } from "./text.ts";
import { addWorkflowTests } from "./tests.ts";
import { leaveOutUnsupported } from "./unsupported.ts";
import { addressesThePlanner, type Surface, understand, type Understanding } from "./understand.ts";
import { writeWorkflow } from "./workflow.ts";

/** Rules, a vocabulary and templates of working code: no key, no network, the same answer each time. */
export const embeddedDrafter: Drafter = {
  name: "embedded",
  draft: (brief) => Promise.resolve(draftByRules(brief)),
};

/** How it is reached was understood, what it does was not. */
const emptyConfidence = 0.2;

function draftByRules(brief: Brief): Draft {
  const { request } = brief;
  const intent = request.refine ? `${request.intent}. ${request.refine.feedback}` : request.intent;
  const known = constrain(understand(intent), brief);
  if (known.nature !== "build") return unanswered(known.nature);
  const build = startBuild(brief.tools.catalogue);
  if (intent.length > readLimit)
    build.warnings.push(`Only the first ${readLimit} characters of the intent were read.`);
  write(build, known, brief);
  const empty = doesNothing(build);
  if (empty && known.pure) return unanswered("computation");
  warnOfStandIns(build);
  if (addressesThePlanner(known.english))
    build.warnings.push(
      "Part of the intent speaks to the planner instead of describing what to build; it was read as text.",
    );
  if (empty)
    build.warnings.push(
      "Only how it is started is planned; what it does is left open and has to be said first.",
    );
  leaveOutUnsupported(build);
  warnOfWait(build, known);
  warnOfBudget(build, request.constraints?.budget);
  const asked = askQuestions(build, known);
  const questions = empty && asked.length === 0 ? questionsFor("computation") : asked;
  const unnamed = known.approval && unnamedReviewers(known.approval);
  const isGuessed = unnamed !== undefined && !questions.some(({ id }) => id === unnamed);
  const guesses = (isGuessed ? 1 : 0) + (lacksSignIn(build, known) ? 1 : 0);
  const guessed = confidenceOf(questions, build.decisions, build.warnings, guesses);
  const confidence = empty ? Math.min(guessed, emptyConfidence) : guessed;
  return {
    blueprint: toBlueprint(build, known, request.workspace),
    summary: summarise(build, known),
    matches: build.matches,
    requires: {
      secrets: [...build.secrets.values()].map(({ name, purpose, kind = "token" }) => ({
        name,
        purpose,
        kind,
      })),
      connections: [...build.connections.values()],
      decisions: build.decisions,
    },
    questions,
    confidence,
    warnings: build.warnings,
  };
}

/** Only triggers: what was asked for is a computation that no template, function or marketplace entry does. */
function doesNothing({ workflows, functions, mcps, bots }: Build): boolean {
  if (functions.length + mcps.length + bots.length > 0) return false;
  return workflows.every(({ nodes }) => nodes.every(({ type }) => type === "trigger"));
}

/** A made-up address would be called or written to on the first run; who deploys has to hear of it before. */
function warnOfStandIns({ decisions, warnings }: Build): void {
  const open = decisions.filter(({ chosen }) => isStandIn(chosen)).map(({ id }) => `"${id}"`);
  if (open.length > 0)
    warnings.push(
      `The intent does not give ${listed(open)}: a stand-in holds the place. Answer it with \`scaffold\` before deploying.`,
    );
}

/** Only messages are put off: who asks for another wait has to hear that there is none. */
function warnOfWait(build: Build, { english, approval, recurrence }: Understanding): void {
  const said = readWait(approval ? blank(english, approval.asides) : english);
  const isKept = build.workflows.some(({ nodes }) =>
    nodes.some(({ type }) => type === "schedule_message"),
  );
  const isToldAlready = build.warnings.some((one) => one.includes("cannot be put off"));
  if (said === undefined || isKept || isToldAlready || recurrence?.exact) return;
  build.warnings.push(
    `"${said}" is not planned: only messages can be put off, every other step follows at once. Start the second part by an endpoint or a schedule of its own.`,
  );
}

/** Nothing here stops a provider's bill; who gave a budget hears which steps cost by use. */
function warnOfBudget(build: Build, budget: number | undefined): void {
  if (budget === undefined) return;
  const metered = build.workflows.flatMap(({ nodes }) =>
    nodes
      .filter(
        ({ id, type, config }) =>
          ["llm_call", "agent_loop"].includes(type) ||
          id.startsWith("ask_model") ||
          id.startsWith("agent_turn") ||
          /"(?:twilio|whatsapp)|api\.twilio\.com/.test(JSON.stringify(config ?? {})),
      )
      .map(({ id }) => `"${id}"`),
  );
  if (metered.length > 0)
    build.warnings.push(
      `The budget of ${budget} US dollars a month is not enforced by this plan: ${listed([...new Set(metered)])} cost by use. Set a limit at the provider.`,
    );
}

/** Leaves out what the constraints forbid; what they avoid counts as named to be avoided. */
function constrain(known: Understanding, { request }: Brief): Understanding {
  const { allow, avoid = [] } = request.constraints ?? {};
  const keeps = (id: string) => !avoid.includes(id) && (allow === undefined || allow.includes(id));
  return { ...known, mentions: known.mentions.filter(({ integration }) => keeps(integration.id)) };
}

function write(build: Build, known: Understanding, brief: Brief): void {
  const only = (surface: Surface) => known.surfaces.has(surface) && known.surfaces.size === 1;
  if (known.surfaces.has("mcp")) addServer(build, known);
  if (only("mcp")) {
    addCallerAuth(build, known);
    return;
  }
  if (known.pure && known.surfaces.size === 0) {
    const computed = addComputation(build, known, brief);
    if (computed) return;
  }
  const written = writeWorkflow(build, known, brief);
  const name = written.graph.name;
  build.workflows.unshift({
    name,
    description: known.text.slice(0, 1000),
    input: written.input,
    nodes: written.graph.nodes,
    edges: written.graph.edges,
    output: written.output,
  });
  addSurfaces(build, known, name);
  addWorkflowTests(build, written);
}

function toBlueprint(
  build: Build,
  known: Understanding,
  workspace: string | undefined,
): BlueprintInput {
  const { functions, workflows, mcps, endpoints, webhooks, schedules, bots, tests } = build;
  const named = withOwnNames(tests);
  const lists = {
    mcps,
    functions,
    workflows,
    bots,
    endpoints,
    webhooks,
    schedules,
    tests: named,
  };
  const filled = Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));
  return {
    aerostack: "v1",
    name: toName(resourceName(known)),
    description: known.text.slice(0, 1000),
    ...(workspace ? { workspace } : {}),
    ...filled,
    secrets: [...build.secrets.values()],
    egress: [...build.egress],
  };
}

/** A function and the workflow around it may be named alike; their tests may not. */
function withOwnNames(tests: Build["tests"]): Build["tests"] {
  const seen = new Map<string, number>();
  return tests.map((test) => {
    const count = (seen.get(test.name) ?? 0) + 1;
    seen.set(test.name, count);
    const name = test.name.slice(0, 110);
    return { ...test, name: count > 1 ? `${name} (${count})` : name };
  });
}

function summarise(build: Build, known: Understanding): string {
  const parts: string[] = [];
  const count = build.workflows[0]?.nodes.length ?? 0;
  if (count > 0) parts.push(`a workflow of ${count} steps`);
  if (build.functions.length > 0)
    parts.push(
      `the function ${listed(build.functions.map(({ name, use }) => (use ? `${name} (${use})` : name)))}`,
    );
  if (build.mcps.length > 0)
    parts.push(`the MCP server ${listed(build.mcps.map(({ name }) => name))}`);
  const ways = [
    build.endpoints.length > 0
      ? `the endpoint ${listed(build.endpoints.map(({ name }) => name))}`
      : "",
    build.webhooks.length > 0
      ? `the webhook ${listed(build.webhooks.map(({ name }) => name))}`
      : "",
    build.bots.length > 0 ? `the bot ${listed(build.bots.map(({ name }) => name))}` : "",
    known.recurrence ? `a schedule (${known.recurrence.words}, cron ${known.recurrence.cron})` : "",
  ].filter(Boolean);
  const reached = ways.length > 0 ? `, reached by ${listed(ways)}` : "";
  const talks = [...build.connections.values()].map(({ name, assumed }) =>
    assumed ? `${name} (assumed)` : name,
  );
  const talkingTo = talks.length > 0 ? ` It talks to ${listed(talks)}.` : "";
  const { approval } = known;
  const waits = approval && asksReviewers(build) ? ` ${describeApproval(approval)}` : "";
  return `Builds ${listed(parts)}${reached}.${waits}${talkingTo} ${build.tests.length} tests come with it.`;
}

const unansweredSummaries: Readonly<Record<Unanswered, string>> = {
  question: "Nothing to build: the intent asks or chats, it describes no infrastructure.",
  unclear: "Too little is said to build something that works.",
  computation: "What should be computed is understood only by name; no code is invented for it.",
};

function unanswered(nature: Unanswered): Draft {
  const summary = unansweredSummaries[nature];
  return {
    summary,
    matches: [],
    requires: { secrets: [], connections: [], decisions: [] },
    questions: questionsFor(nature),
    confidence: nature === "question" ? 0.1 : 0.05,
    warnings: [],
  };
}
