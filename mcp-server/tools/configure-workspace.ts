import { z } from "zod";
import { InputError } from "#blueprints/error";
import { unwrap } from "#blueprints/outcome";
import { openWorkspace } from "#edge/gateway/directory";
import type { ArgumentPolicy } from "#edge/gateway/policy/argument-policy";
import type { SettingsChange, Telemetry } from "#edge/gateway/workspace-api";
import { counted } from "../counted.ts";
import { workspaceSlug } from "../fields.ts";
import { defineTool } from "../tool.ts";

const some = z.array(z.string().min(1).max(120)).min(1).max(200).optional();

/** Checked here and not in the schema that every client reads: it costs them half as many tokens. */
const policySchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, "lower case letters, digits and -"),
  tools: some,
  roles: z.array(z.enum(["admin", "developer", "read-only", "owner", "system"])).optional(),
  members: some,
  tokens: some,
  require: z.string().min(1).max(4000),
  message: z.string().min(1).max(500),
});

export const configureWorkspace = defineTool({
  name: "configure_workspace",
  title: "Configure a workspace",
  description:
    "Sets policies on arguments (a call goes through where require is true), call log retention, capture of arguments and results (redacted), export; rotates the secrets' key.",
  annotations: {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: z.strictObject({
    workspace: workspaceSlug,
    policies: z
      .array(z.looseObject({}))
      .max(50)
      .optional()
      .describe(
        "{name, require, message, tools?, roles?, members?, tokens?}: require is CEL over args, tool, mcp, role, member, token, as `args.amount < 100`; tools are final names or `pay__*`.",
      ),
    remove_policies: z.array(z.string().max(40)).max(50).optional(),
    capture_calls: z.boolean().optional(),
    kept_days: z.int().min(1).max(365).optional(),
    rotate_data_key: z.boolean().default(false),
    telemetry: z
      .looseObject({})
      .nullish()
      .describe(
        "Traces and metrics over OTLP: {endpoint, headers?}, `{{ SECRET }}` in values; null: off.",
      ),
    kept_rows: z.int().min(100).max(1_000_000).optional(),
  }),
  output: z.looseObject({ policies: z.array(z.looseObject({})) }),
  async run({ services, actor }, { workspace, ...wanted }) {
    const { stub } = await openWorkspace(services, actor, workspace);
    const change = changeOf(wanted);
    if (wanted.remove_policies) unwrap(await stub.removePolicies(wanted.remove_policies));
    if (wanted.policies) unwrap(await stub.putPolicies(wanted.policies.map(policyOf)));
    if (Object.keys(change).length > 0) unwrap(await stub.changeSettings(change));
    const rotated = wanted.rotate_data_key ? unwrap(await stub.rotateDataKey()) : undefined;
    const { policies, settings, exported } = unwrap(await stub.describe());
    return {
      data: {
        policies: policies.map((one) => ({ ...one })),
        capture_calls: settings.captureCalls,
        kept_days: settings.keptDays,
        kept_rows: settings.keptRows,
        ...(settings.telemetry ? { telemetry: { ...settings.telemetry }, exported } : {}),
        ...(rotated ? { secrets_encrypted_anew: rotated.secrets } : {}),
      },
      summary: `${workspace} has ${counted(policies.length, "policy", "policies")} and keeps ${counted(settings.keptDays, "day")} of calls, ${settings.captureCalls ? "with" : "without"} arguments and results.`,
    };
  },
});

function policyOf(value: object): ArgumentPolicy {
  const parsed = policySchema.safeParse(value);
  if (parsed.success) return withoutAbsent(parsed.data);
  throw new InputError(
    "policy.invalid",
    `A policy is not right: ${z.prettifyError(parsed.error)}`,
    {
      fix: "Give name, require and message; tools, roles, members and tokens are lists.",
    },
  );
}

/** Checked here for the same reason. */
const telemetrySchema = z.strictObject({
  endpoint: z.url({ protocol: /^https?$/ }),
  headers: z.record(z.string().max(100), z.string().max(1000)).default({}),
});

function telemetryOf(value: object | null | undefined): Telemetry | null | undefined {
  if (!value) return value;
  const parsed = telemetrySchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InputError(
    "telemetry.invalid",
    `The collector is not right: ${z.prettifyError(parsed.error)}`,
    { fix: "Give endpoint, the base URL of OTLP over HTTP, and headers by name." },
  );
}

interface Wanted {
  readonly telemetry?: object | null | undefined;
  readonly capture_calls?: boolean | undefined;
  readonly kept_days?: number | undefined;
  readonly kept_rows?: number | undefined;
}

function changeOf(wanted: Wanted): SettingsChange {
  const { capture_calls: captureCalls, kept_days: keptDays, kept_rows: keptRows } = wanted;
  const telemetry = telemetryOf(wanted.telemetry);
  return withoutAbsent({ captureCalls, keptDays, keptRows, telemetry });
}

type Present<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function withoutAbsent<T extends object>(value: T): Present<T> {
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(entries) as Present<T>;
}
