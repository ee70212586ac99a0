import type { BlueprintInput } from "#blueprints/blueprint";
import type { NodeCatalogue } from "#blueprints/catalogue";
import type { Decision, Match, RequiredConnection } from "../request.ts";

type WorkflowInput = NonNullable<BlueprintInput["workflows"]>[number];
type NodeInput = WorkflowInput["nodes"][number];
type Listed<Key extends keyof BlueprintInput> =
  NonNullable<BlueprintInput[Key]> extends (infer Item)[] ? Item : never;

/** An open way out of the graph: the next step is joined to it. */
interface OpenEnd {
  readonly from: string;
  readonly port: string;
}

/** A review that stands in the graph, and what is needed to test each way out of it. */
export interface Review {
  readonly step: string;
  /** What an approval says, with every field that the form asks for. */
  readonly approval: Record<string, unknown>;
  /** Where the run goes when nobody decides in time. */
  readonly onTimeout: "timeout" | "approved" | "rejected";
}

/** The ways out of all reviews of a graph, by the steps behind them. */
export interface Reviewed {
  readonly reviews: readonly Review[];
  readonly done: readonly string[];
  readonly rejected: readonly string[];
  readonly late: readonly string[];
}

/** How a run of a graph is let in, and the ways that end before its work. */
export interface Admission {
  readonly gate: string;
  /** Steps that only those come to who signed in. */
  readonly work: readonly string[];
  readonly failed: string;
  /** What a test's input needs to be let in, and the field that has an address; none in a chat. */
  readonly person: Record<string, unknown>;
  readonly field: string | undefined;
  /** In a chat an address comes as a message of its own. */
  readonly chat:
    | {
        readonly address: string;
        readonly asks: string;
        readonly welcomed: string;
        readonly sample: string;
      }
    | undefined;
}

/** One workflow while it grows: steps join whatever is open. */
export class Graph {
  readonly nodes: NodeInput[] = [];
  readonly edges: { from: string; port?: string; to: string }[] = [];
  /** Reached only when a condition says so. */
  readonly branched: string[] = [];
  open: OpenEnd[] = [];
  /** Expression of the data that the next step works on. */
  data = "input";
  /** Expression of the same as a text, when one was written. */
  text: string | undefined;
  /** Set where people decide. */
  reviewed: Reviewed | undefined;
  /** Set where people sign in. */
  admission: Admission | undefined;
  /** Steps with ways out that are no conditions of the data. */
  readonly gates = new Set<string>();

  readonly name: string;
  readonly catalogue: NodeCatalogue;
  constructor(name: string, catalogue: NodeCatalogue) {
    this.name = name;
    this.catalogue = catalogue;
  }

  /** Adds a step behind everything that is open; answers its id. */
  add(type: string, wantedId: string, config: Record<string, unknown>, title?: string): string {
    const id = this.freeId(wantedId);
    this.nodes.push({ id, type, config, ...(title ? { title: title.slice(0, 80) } : {}) });
    for (const { from, port } of this.open) {
      this.edges.push({ from, ...(port === "next" ? {} : { port }), to: id });
    }
    if (this.open.some(({ from, port }) => port !== "next" && !this.gates.has(from)))
      this.branched.push(id);
    this.open = [{ from: id, port: "next" }];
    return id;
  }

  /** The text of the data inside a message. */
  said(): string {
    return `{{ ${this.text ?? this.data} }}`;
  }

  private freeId(wanted: string): string {
    let id = wanted.slice(0, 38);
    for (let count = 2; this.nodes.some((node) => node.id === id); count++)
      id = `${wanted.slice(0, 36)}_${count}`;
    return id;
  }
}

/** The whole blueprint while it grows. */
export interface Build {
  readonly catalogue: NodeCatalogue;
  readonly graphs: Graph[];
  readonly functions: Listed<"functions">[];
  readonly workflows: WorkflowInput[];
  readonly mcps: Listed<"mcps">[];
  readonly endpoints: Listed<"endpoints">[];
  readonly webhooks: Listed<"webhooks">[];
  readonly schedules: Listed<"schedules">[];
  readonly bots: Listed<"bots">[];
  readonly tests: Listed<"tests">[];
  readonly secrets: Map<string, Listed<"secrets">>;
  readonly egress: Set<string>;
  /** Services that are read; writing there as well has to be said. */
  readonly read: Set<string>;
  readonly connections: Map<string, RequiredConnection>;
  readonly decisions: Decision[];
  readonly matches: Match[];
  readonly warnings: string[];
}

export function startBuild(catalogue: NodeCatalogue): Build {
  return {
    catalogue,
    graphs: [],
    functions: [],
    workflows: [],
    mcps: [],
    endpoints: [],
    webhooks: [],
    schedules: [],
    bots: [],
    tests: [],
    secrets: new Map(),
    egress: new Set(),
    read: new Set(),
    connections: new Map(),
    decisions: [],
    matches: [],
    warnings: [],
  };
}

/** Declares a secret once; hosts add up. */
export function needSecret(
  build: Build,
  name: string,
  purpose: string,
  binding: { kind?: "token" | "url"; host?: string } = {},
): string {
  const known = build.secrets.get(name);
  const hosts = new Set([...(known?.hosts ?? []), ...(binding.host ? [binding.host] : [])]);
  build.secrets.set(name, { name, purpose, kind: binding.kind ?? "token", hosts: [...hosts] });
  return name;
}

/** `google-sheets` + `TOKEN` as `GOOGLE_SHEETS_TOKEN`. */
export function secretName(id: string, suffix: string): string {
  const stem = id.toUpperCase().replace(/[^A-Z0-9]+/g, "_");
  return `${/^[A-Z]/.test(stem) ? stem : `S_${stem}`}_${suffix}`.slice(0, 64);
}
