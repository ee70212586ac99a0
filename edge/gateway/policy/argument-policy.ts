import { AerostackError, InputError } from "#blueprints/error";
import { checkExpression, evaluateExpression } from "#blueprints/expression";
import type { Role } from "#edge/identity/actor";

/** A condition on tool calls, on their arguments above all. Absent lists mean: all. */
export interface ArgumentPolicy {
  readonly name: string;
  /** Final names; `pay__*` means every tool whose name starts so. */
  readonly tools?: readonly string[];
  readonly roles?: readonly PolicyRole[];
  readonly members?: readonly string[];
  /** Ids of tokens; an OAuth grant is meant by its own, and by that of the token it was made from. */
  readonly tokens?: readonly string[];
  /** A call goes through only where this is true: `args.amount < 100 && role == "admin"`. */
  readonly require: string;
  /** What who is refused gets to read. */
  readonly message: string;
}

/** owner: with an account key; system: a run or the platform itself. */
export type PolicyRole = Role | "owner" | "system";

/** What a policy may look at, by these very names. */
export interface PolicyScope {
  readonly args: unknown;
  /** Final name. */
  readonly tool: string;
  /** Alias of the MCP server, `fn` or `skill`. */
  readonly mcp: string;
  readonly role: PolicyRole;
  readonly member: string;
  /** Id of the token; of an OAuth grant, of the token that its member signed in with. */
  readonly token: string;
  /** Id of an OAuth grant that was made from `token`; expressions do not see it. */
  readonly grant?: string;
}

const names = new Set(["args", "tool", "mcp", "role", "member", "token"]);

/** Throws `policy.expression` for one that can never be evaluated. */
export function checkPolicy({ name, require }: ArgumentPolicy): void {
  const { problem, paths } = checkExpression(require);
  const unknown = paths.find(({ path }) => !names.has(String(path[0])));
  if (!problem && !unknown) return;
  const message = problem?.message ?? `\`${require}\` reads "${String(unknown?.path[0])}".`;
  throw new InputError("policy.expression", `The policy ${name} cannot work: ${message}`, {
    fix: `Write a condition such as \`args.amount < 100 && role == "admin"\`; it can read ${[...names].join(", ")}.`,
  });
}

/**
 * The refusal of the first policy that does not hold. Fails closed: an expression that cannot be
 * evaluated, as over an argument that is missing, or is anything but true, refuses.
 */
export function refusalOf(
  policies: readonly ArgumentPolicy[],
  scope: PolicyScope,
): AerostackError | undefined {
  for (const policy of policies) {
    if (!applies(policy, scope)) continue;
    const problem = problemOf(policy, scope);
    if (problem === undefined) continue;
    return new InputError("policy.denied", policy.message, {
      status: 403,
      details: { policy: policy.name, ...(problem === "" ? {} : { problem }) },
      fix: "Change the arguments so that the policy holds, or ask an admin of the workspace.",
    });
  }
  return undefined;
}

function applies(policy: ArgumentPolicy, scope: PolicyScope): boolean {
  return (
    (policy.tools?.some((one) => fits(one, scope.tool)) ?? true) &&
    (policy.roles?.includes(scope.role) ?? true) &&
    (policy.members?.includes(scope.member) ?? true) &&
    (policy.tokens?.some((id) => id === scope.token || id === scope.grant) ?? true)
  );
}

function fits(pattern: string, tool: string): boolean {
  return pattern.endsWith("*") ? tool.startsWith(pattern.slice(0, -1)) : tool === pattern;
}

/** Undefined: it holds. A text where it could not be evaluated. */
function problemOf(policy: ArgumentPolicy, scope: PolicyScope): string | undefined {
  try {
    return evaluateExpression(policy.require, { ...scope }) === true ? undefined : "";
  } catch (error) {
    if (error instanceof AerostackError) return error.message;
    throw error;
  }
}
