import type { Build, Graph, Reviewed } from "./graph.ts";

interface Stub {
  readonly match: string;
  readonly status: number;
  readonly body?: unknown;
}

/** A run that comes to its review, and whether it is sure to. */
export interface ReviewSample {
  readonly input: unknown;
  readonly stubs: readonly Stub[];
  readonly isReached: boolean;
}

/** Every way out of a review: what is approved is done, what is rejected or too late is not. */
export function addReviewTests(build: Build, graph: Graph, sample: ReviewSample): void {
  const { reviewed } = graph;
  const [first] = reviewed?.reviews ?? [];
  if (!reviewed || !first) return;
  const { isReached, input } = sample;
  const others = sample.stubs.filter(
    ({ match }) => !reviewed.reviews.some(({ step }) => step === match),
  );
  const add = (name: string, stubs: readonly Stub[], way: Way) => {
    const visited = isReached ? [first.step, ...way.visited] : [];
    if (visited.length + way.not.length === 0) return;
    build.tests.push({
      name: `${graph.name}: ${name}`,
      target: { kind: "workflow", name: graph.name },
      input,
      stubs: [...stubs, ...others],
      expect: {
        ...(visited.length > 0 ? { visited: [...new Set(visited)] } : {}),
        ...(way.not.length > 0 ? { not_visited: [...way.not] } : {}),
        ...(isReached ? { output: { decision: way.decision } } : {}),
      },
    });
  };
  const yes = reviewed.reviews.map(({ step, approval }) => ({
    match: step,
    status: 200,
    body: approval,
  }));
  add("what is approved is done", yes, { ...wayOf(reviewed, "approved"), decision: "approved" });
  const no = { match: first.step, status: 200, body: { decision: "rejected", comment: "Not now" } };
  add("what is rejected is not done", [no, ...yes.slice(1)], {
    ...wayOf(reviewed, "rejected"),
    decision: "rejected",
  });
  const late = lateWay(reviewed, first.onTimeout);
  if (late) add(late.name, [{ match: first.step, status: 408 }, ...yes.slice(1)], late.way);
}

interface Way {
  readonly visited: readonly string[];
  readonly not: readonly string[];
  readonly decision: string;
}

/** Undefined: with several stages, a silent first one decides nothing yet. */
function lateWay(
  reviewed: Reviewed,
  onTimeout: "timeout" | "approved" | "rejected",
): { readonly name: string; readonly way: Way } | undefined {
  if (reviewed.reviews.some(({ step }) => step === "escalation")) {
    const { visited, not } = wayOf(reviewed, "approved");
    const way = { visited: ["escalation", ...visited], not, decision: "approved" };
    return { name: "what nobody decides in time is escalated", way };
  }
  if (onTimeout === "approved" && reviewed.reviews.length > 1) return undefined;
  const way = wayOf(reviewed, onTimeout === "timeout" ? "late" : onTimeout);
  return {
    name: "what nobody decides in time goes its own way",
    way: { ...way, decision: "timeout" },
  };
}

function wayOf(
  { done, rejected, late }: Reviewed,
  way: "approved" | "rejected" | "late",
): Pick<Way, "visited" | "not"> {
  const ways = { approved: done, rejected, late };
  const not = (["approved", "rejected", "late"] as const)
    .filter((one) => one !== way)
    .flatMap((one) => ways[one]);
  return { visited: ways[way], not };
}
