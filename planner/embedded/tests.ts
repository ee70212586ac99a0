import { type Gate, sampleFields } from "./condition-steps.ts";
import type { Build } from "./graph.ts";
import { addReviewTests } from "./review-tests.ts";
import { sampleOf } from "./sample.ts";
import { addAdmissionTests, withPerson } from "./sign-in-tests.ts";
import type { WrittenWorkflow } from "./workflow.ts";

/** A workflow's own tests: the ordinary case runs through, the other one stops where it should. */
export function addWorkflowTests(build: Build, written: WrittenWorkflow): void {
  const { graph, computed, gate } = written;
  const fields = gate?.on === "input" ? sampleFields(gate, true) : {};
  const target = { kind: "workflow", name: graph.name } as const;
  const stubs = [...written.stubs, ...readStubs(written)] as Stub[];
  const [strong, weak] =
    computed?.of.draft && takesInput(written) ? computed.of.draft.examples : [];
  const plain = graph.nodes.filter(({ id }) => reachedAlways(written, id)).map(({ id }) => id);
  if (strong && weak) {
    const conditional = graph.branched.filter((id) => !id.startsWith("notify_rest"));
    const byScore = computed?.of.split !== undefined && conditional.length > 0;
    build.tests.push(
      {
        name: `${graph.name}: ${strong.name}`,
        target,
        input: withPerson({ ...strong.input, ...fields }, graph.admission),
        stubs,
        expect: {
          output: strong.output,
          visited: byScore ? [...plain, ...conditional.slice(0, 1)] : plain,
        },
      },
      {
        name: `${graph.name}: ${weak.name}`,
        target,
        input: withPerson({ ...weak.input, ...fields }, graph.admission),
        stubs,
        expect: {
          output: weak.output,
          ...(byScore ? { not_visited: conditional.slice(0, 1) } : { visited: plain }),
        },
      },
    );
  } else {
    const sample =
      computed && takesInput(written)
        ? (sampleOf(computed.of.input) as object)
        : { id: "sample", text: "A sample", ...(gate ? {} : { amount: 100 }) };
    const input = withPerson({ ...sample, ...fields }, graph.admission);
    build.tests.push({
      name: `${graph.name}: an ordinary run goes through`,
      target,
      input,
      stubs,
      expect: { visited: plain },
    });
  }
  if (gate) addGateTests(build, written, gate, stubs);
  if (graph.reviewed) addReviewTests(build, graph, reviewSample(written, stubs));
  addAdmissionTests(build, graph, admissionSample(written, stubs));
  addRefusalTest(build, written);
}

/** A run that goes on to the work once it is let in. */
function admissionSample({ graph, computed, gate, input }: WrittenWorkflow, stubs: Stub[]) {
  const of = computed && takesInput({ computed, input }) ? computed.of : undefined;
  const own = of?.draft?.examples[0]?.input ?? (of ? sampleOf(of.input) : { id: "sample" });
  const fields = gate?.on === "input" ? sampleFields(gate, true) : {};
  return { input: withPerson({ ...(own as object), ...fields }, graph.admission), stubs };
}

/** Whether the function takes the run's input as it is. */
function takesInput({ computed, input }: Pick<WrittenWorkflow, "computed" | "input">): boolean {
  if (!computed) return false;
  const properties = (input["properties"] ?? {}) as Record<string, unknown>;
  const names = Object.keys(computed.of.input["properties"] ?? {});
  return (
    input === computed.of.input || (names.length > 0 && names.every((name) => name in properties))
  );
}

type Stub = { match: string; status: number; body: unknown };

/** Both ways of the condition: what passes goes on, what does not stops without an effect. */
function addGateTests(build: Build, written: WrittenWorkflow, gate: Gate, stubs: Stub[]): void {
  const { graph, computed } = written;
  const target = { kind: "workflow", name: graph.name } as const;
  const behind = (port: string) =>
    graph.edges.filter((edge) => edge.from === gate.step && edge.port === port).map(({ to }) => to);
  const sample =
    computed && takesInput(written)
      ? (sampleOf(computed.of.input) as object)
      : { id: "sample", text: "A sample" };
  for (const passes of [true, false]) {
    const fields = sampleFields(gate, passes);
    const on = gate.on === "input";
    const [way, other] = passes ? [gate.port, "else"] : ["else", gate.port];
    const visited = [gate.step, ...behind(way).slice(0, 1)];
    build.tests.push({
      name: `${graph.name}: ${passes ? "what meets the condition goes on" : "what does not meet it does not"}`,
      target,
      input: withPerson({ ...sample, ...fields }, graph.admission),
      stubs: stubsWith(stubs, on ? undefined : fields),
      expect: {
        visited,
        not_visited: behind(other)
          .slice(0, 1)
          .filter((id) => !visited.includes(id)),
        ...(behind(way).length === 0 && on && !graph.admission ? { no_effects: true } : {}),
      },
    });
  }
}

/** What is read answers with these fields. */
function stubsWith(stubs: Stub[], fields: Record<string, unknown> | undefined): Stub[] {
  if (!fields) return stubs;
  return stubs.map((stub) =>
    /^(?:fetch|source|db_)/.test(stub.match)
      ? { ...stub, body: [{ id: "1", title: "First", ...fields }] }
      : stub,
  );
}

/** A run that comes to the first review: on the side of the condition that asks, with a strong example. */
function reviewSample(written: WrittenWorkflow, stubs: Stub[]) {
  const { graph, computed, gate } = written;
  const review = graph.nodes.findIndex(({ type }) => type === "human_review");
  const others = graph.nodes
    .slice(0, review)
    .filter(({ id, type }) => type === "logic" && id !== gate?.step && !graph.gates.has(id));
  const [strong] = computed?.of.draft && takesInput(written) ? computed.of.draft.examples : [];
  const known =
    computed && takesInput(written)
      ? (sampleOf(computed.of.input) as object)
      : { id: "sample", text: "A sample", ...(gate ? {} : { amount: 100 }) };
  const asked = [graph.nodes[review]?.id, "tell_reviewers"];
  const passes = !graph.edges.some(
    ({ from, port, to }) => from === gate?.step && port === "else" && asked.includes(to),
  );
  const fields = gate ? sampleFields(gate, passes) : {};
  return {
    input: withPerson(
      { ...(strong?.input ?? known), ...(gate?.on === "input" ? fields : {}) },
      graph.admission,
    ),
    stubs: stubsWith(stubs, gate?.on === "fetched" ? fields : undefined),
    isReached: others.length === 0 || (strong !== undefined && others.length === 1),
  };
}

/** Input that does not fit is refused before anything happens. */
function addRefusalTest(build: Build, { graph, input }: WrittenWorkflow): void {
  const required = (input["required"] ?? []) as string[];
  build.tests.push({
    name: `${graph.name}: what is not an object is refused`,
    target: { kind: "workflow", name: graph.name },
    input: required.length > 0 ? {} : "not an object",
    stubs: [],
    expect: { error: "input.invalid", no_effects: true },
  });
}

/** Steps before the first condition or decision: they run whatever the input is. */
function reachedAlways({ graph }: WrittenWorkflow, id: string): boolean {
  if (graph.admission && ![graph.admission.gate, ...graph.admission.work].includes(id))
    return graph.gates.has(id) || id === graph.nodes[0]?.id;
  const condition = graph.nodes.findIndex(
    (node) => ["logic", "human_review"].includes(node.type) && !graph.gates.has(node.id),
  );
  const at = graph.nodes.findIndex((node) => node.id === id);
  return condition < 0 || at <= condition;
}

/** A reading step gets a small list in a test. */
function readStubs({ graph }: WrittenWorkflow): unknown[] {
  return graph.nodes
    .filter(
      ({ id, type }) => type === "action" && /^(?:fetch|source|db_read|db_|retrieve)/.test(id),
    )
    .map(({ id }) => ({
      match: id,
      status: 200,
      body: [
        { id: "1", title: "First", amount: 10 },
        { id: "2", title: "Second", amount: 2000 },
      ],
    }));
}
