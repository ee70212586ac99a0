import { InputError } from "#blueprints/error";
import type { McpSession } from "./client.ts";
import { enterSecret } from "./person.ts";

/** A blueprint as it travels in tool answers; tasks and mutations read it loosely. */
export interface BlueprintDocument {
  name: string;
  functions?: { name: string; use?: string; input?: unknown; code?: string }[];
  workflows?: {
    name: string;
    input?: Record<string, unknown>;
    nodes: { id: string; type: string; config: Record<string, unknown> }[];
    edges: { from: string; port: string; to: string }[];
  }[];
  tests?: unknown[];
  [field: string]: unknown;
}

export interface BuildRequest {
  /** What the agent asks `plan` for. */
  readonly intent?: string;
  /** Instead of an intent: a document that an agent wrote itself. */
  readonly blueprint?: unknown;
  readonly workspace: string;
  /** What a person would enter, by secret name pattern. */
  readonly secrets?: readonly { readonly match: RegExp; readonly value: string }[];
  /** Otherwise: what to type, or undefined when the person has typed it elsewhere. */
  readonly enterSecret?: (name: string, url: string) => Promise<string | undefined>;
  readonly answers?: Record<string, unknown>;
  readonly constraints?: Record<string, unknown>;
}

export interface Built {
  readonly plan: Record<string, unknown>;
  readonly blueprint: BlueprintDocument;
  readonly resources: readonly { id: string; kind: string; name: string; version: number }[];
  readonly deployment: {
    readonly state: string;
    readonly resources: readonly {
      id: string;
      kind: string;
      name: string;
      urls?: Record<string, string>;
    }[];
    readonly tests: readonly { name: string; passed: boolean }[];
  } & Record<string, unknown>;
  /** The first URL of that resource kind. */
  url(kind: string): string;
}

/** An agent at the MCP server: the session, and the life cycle from words to a deployment. */
export interface Builder {
  readonly account: string;
  readonly key: string;
  readonly session: McpSession;
  build(request: BuildRequest): Promise<Built>;
}

/** Called between the steps, so that the terminal can show progress. */
export type Progress = (step: string, detail: string) => void;

/** Changes a blueprint between scaffold and create: how the harness tests itself. */
export type Mutation = (blueprint: BlueprintDocument) => BlueprintDocument;

/**
 * The scripted agent: plan, scaffold, create, let a person enter secrets, deploy. It decides
 * nothing by itself, so a pass is the platform's doing.
 */
export async function build(
  session: McpSession,
  request: BuildRequest,
  { mutate, progress = () => {} }: { mutate?: Mutation; progress?: Progress } = {},
): Promise<Built> {
  const plan = await planFor(session, request);
  progress("plan", typeof plan["summary"] === "string" ? plan["summary"] : "");
  if (request.intent !== undefined && !plan["blueprint"]) throw undecided(plan);
  const scaffolded = await session.must("scaffold", {
    ...(request.blueprint ? { blueprint: request.blueprint } : { plan_id: plan["plan_id"] }),
    ...(request.answers ? { answers: request.answers } : {}),
  });
  const drafted = scaffolded["blueprint"] as BlueprintDocument;
  progress("scaffold", describe(drafted));
  const source = mutate
    ? { blueprint: mutate(structuredClone(drafted)) }
    : { scaffold_id: scaffolded["scaffold_id"] };
  const created = await session.must("create", { ...source, workspace: request.workspace });
  const resources = created["resources"] as Built["resources"];
  progress("create", resources.map((one) => `${one.kind} ${one.name}`).join(", "));
  await enterSecrets(created["secrets"] as SecretAnswer[], request, progress);
  const deployment = (await session.must("deploy", {
    resources: resources.map((one) => one.id),
  })) as Built["deployment"];
  progress("deploy", `${deployment.state}, ${deployment.tests.length} tests`);
  return {
    plan,
    blueprint: drafted,
    resources,
    deployment,
    url: (kind) => urlOf(deployment, kind),
  };
}

async function planFor(
  session: McpSession,
  request: BuildRequest,
): Promise<Record<string, unknown>> {
  if (request.intent === undefined) return {};
  return session.must("plan", {
    intent: request.intent,
    workspace: request.workspace,
    ...(request.constraints ? { constraints: request.constraints } : {}),
  });
}

/** A plan that only asks: nothing was built, and the questions say what is missing. */
function undecided(plan: Record<string, unknown>): InputError {
  const questions = ((plan["questions"] ?? []) as { question?: string; text?: string }[]).map(
    (one) => (typeof one === "string" ? one : (one.question ?? one.text ?? JSON.stringify(one))),
  );
  return new InputError("build.undecided", "The planner needs an answer first.", {
    fix: `Say it again with this answered: ${questions.join(" ")}`,
  });
}

interface SecretAnswer {
  readonly name: string;
  readonly state: string;
  readonly enter_url?: string;
}

async function enterSecrets(
  secrets: SecretAnswer[],
  request: BuildRequest,
  progress: Progress,
): Promise<void> {
  for (const { name, enter_url: url } of secrets.filter((one) => one.state === "missing")) {
    if (!url) throw new InputError("eval.no-link", `There is no link to enter ${name}.`);
    const known = request.secrets?.find((one) => one.match.test(name))?.value;
    if (known === undefined && !request.enterSecret) {
      throw new InputError("eval.secret-unknown", `Nobody can enter the secret ${name}.`);
    }
    const value = known ?? (await request.enterSecret?.(name, url));
    if (value !== undefined) await enterSecret(url, value);
    progress("secret", `a person entered ${name}`);
  }
}

function urlOf(deployment: Built["deployment"], kind: string): string {
  const urls = deployment.resources.find((one) => one.kind === kind && one.urls)?.urls;
  const url = urls && Object.values(urls)[0];
  if (url) return url;
  throw new InputError("eval.no-url", `The deployment has no ${kind} with a URL.`);
}

const describe = (blueprint: BlueprintDocument): string =>
  (blueprint.workflows ?? [])
    .map((workflow) => `${workflow.name}: ${workflow.nodes.map((node) => node.type).join(" > ")}`)
    .join("; ");
