import { z } from "zod";
import { defineNode } from "#blueprints/node";
import type { ScopeDecision, ScopeFrame, ScopeView } from "#blueprints/node-scope";
import type { SerializedError } from "#blueprints/outcome";

const branch = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,39}$/, "lower case letters, digits and _")
  .refine((name) => name !== "joined", "`joined` is the port after the branches");

const config = z.strictObject({
  branches: z
    .array(branch)
    .min(1)
    .max(50)
    .refine((names) => new Set(names).size === names.length, "each name once")
    .describe("Names of the ports, one a branch."),
  join: z
    .union([
      z.enum(["all", "any"]),
      z.strictObject({ at_least: z.int().min(1).max(50).describe("How many must succeed.") }),
    ])
    .default("all")
    .describe("How many branches must succeed; the others are cancelled once they have."),
  on_error: z
    .enum(["fail", "collect"])
    .default("fail")
    .describe("`fail`: as soon as the join cannot be reached; `collect`: keep errors and go on."),
  branch_timeout_ms: z
    .int()
    .min(1)
    .max(86_400_000 * 7)
    .optional()
    .describe("A branch that takes longer is cancelled and counts as failed."),
  merge: z
    .enum(["by_branch", "objects", "list", "first"])
    .default("by_branch")
    .describe(
      "What `merged` is: outputs by branch, one object of all their fields (later branches win), a list in the order of `branches`, or the output that came first.",
    ),
});
type Config = z.infer<typeof config>;

const failure = z.object({ branch: z.string(), code: z.string(), message: z.string() });
const output = z.object({
  merged: z.unknown().describe("As `merge` says."),
  succeeded: z.array(z.string()).describe("Branches, in the order of `branches`."),
  errors: z.array(failure),
});

function neededOf({ join, branches }: Config): number {
  if (join === "all") return branches.length;
  return join === "any" ? 1 : Math.min(join.at_least, branches.length);
}

function merge({ merge: how, branches }: Config, succeeded: readonly ScopeFrame[]): unknown {
  const ordered = branches.flatMap((name) => succeeded.filter(({ key }) => key === name));
  switch (how) {
    case "by_branch":
      return Object.fromEntries(ordered.map(({ key, output: value }) => [key, value]));
    case "objects":
      return Object.assign({}, ...ordered.map(({ output: value }) => value)) as unknown;
    case "list":
      return ordered.map(({ output: value }) => value);
    case "first":
      return succeeded.toSorted((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0))[0]?.output ?? null;
    default:
      return how satisfies never;
  }
}

function timedOut(name: string, limit: number): SerializedError {
  return {
    kind: "upstream",
    status: 504,
    code: "parallel.branch-timeout",
    message: `Branch "${name}" took longer than ${limit} ms.`,
    fix: "Raise `branch_timeout_ms`, or let the branch do less.",
  };
}

/** The error of a branch that will not succeed any more; a cancelled one ran out of time. */
function errorOf(wanted: Config, { key, status, error }: ScopeFrame): SerializedError | undefined {
  if (status === "cancelled") return timedOut(key, wanted.branch_timeout_ms ?? 0);
  return status === "failed" ? error : undefined;
}

function conclude(view: ScopeView, wanted: Config): ScopeDecision | undefined {
  const succeeded = view.frames.filter(({ status }) => status === "succeeded");
  const failed = view.frames.flatMap((frame) => {
    const error = errorOf(wanted, frame);
    return error ? [{ branch: frame.key, error }] : [];
  });
  const needed = neededOf(wanted);
  const left = wanted.branches.length - failed.length;
  const isReached = succeeded.length >= needed;
  const isOver = succeeded.length + failed.length === wanted.branches.length;
  const first = failed[0]?.error;
  if (
    !isReached &&
    first &&
    left < needed &&
    (wanted.on_error === "fail" || (succeeded.length === 0 && isOver))
  ) {
    return { finish: { error: first } };
  }
  if (!isReached && !isOver) return undefined;
  return {
    finish: {
      port: "joined",
      output: {
        merged: merge(wanted, succeeded),
        succeeded: wanted.branches.filter((name) => succeeded.some(({ key }) => key === name)),
        errors: failed.map(({ branch: name, error: { code, message } }) => ({
          branch: name,
          code,
          message,
        })),
      },
    },
  };
}

function next(view: ScopeView, wanted: Config): ScopeDecision {
  const limit = wanted.branch_timeout_ms;
  if (view.frames.length === 0) {
    return { start: wanted.branches.map((name) => ({ key: name, port: name })) };
  }
  const open = view.frames.filter(({ status }) => status === "open");
  const late = open.filter(({ startedAt }) => limit !== undefined && view.now >= startedAt + limit);
  if (late.length > 0) return { cancel: late.map(({ key }) => key) };
  const until =
    limit === undefined ? undefined : Math.min(...open.map((one) => one.startedAt + limit));
  return conclude(view, wanted) ?? (until === undefined ? {} : { until });
}

/** Several branches at once, joined. */
export const parallel = defineNode({
  type: "parallel",
  title: "Parallel",
  summary: "Runs several branches at once and joins them.",
  description:
    "Each name in `branches` is a port; the steps behind it, up to where no edge leads on, are that " +
    "branch. The branches run at the same time. The run goes on by `joined` once `join` is reached: " +
    "`all` (default), `any`, or `{at_least: n}`; branches still running then are cancelled. A branch " +
    "that fails, or takes longer than `branch_timeout_ms`, fails the step as soon as the join cannot be " +
    "reached any more; with `on_error: collect` the run goes on with what succeeded and the errors in " +
    "`errors`, unless every branch failed. The output has `merged` as `merge` says, `succeeded` and " +
    "`errors`. Do not lead edges from a branch to steps after the join: use `joined`.",
  config,
  output,
  ports: ({ branches }) => [...branches, "joined"],
  effect: () => "pure",
  scope: { bodies: ({ branches }) => branches, next },
  examples: [
    {
      title: "Two questions at once",
      config: {
        branches: ["prices", "stock"],
        join: "all",
        on_error: "collect",
        merge: "by_branch",
      },
      expect: { port: "joined", output: { succeeded: ["prices", "stock"], errors: [] } },
    },
  ],
  run: () => Promise.resolve({ open: null }),
});
