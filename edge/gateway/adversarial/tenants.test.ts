import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { leadBlueprint } from "#edge/deploy/deploy.fixture";
import { listableKinds } from "#edge/deploy/resources";
import type { Env } from "#edge/env";
import { connect, seedAccount } from "#mcp-server/mcp-client.fixture";
import type { ToolDefinition } from "#mcp-server/tool";
import { tools } from "#mcp-server/tools/index";
import { findWorkspace, workspaceStub } from "../directory.ts";
import { services } from "../gateway.fixture.ts";
import { knock, type Route, routes } from "./routes.fixture.ts";

/** Anybody may install it. */
const openEntry = "@victim-of-all/open";

type Client = Awaited<ReturnType<typeof connect>>;
type Ids = Readonly<Record<string, string>>;

/** Ids of an account that has one of everything. */
let theirs: Ids;
/** What the caller had and deleted. */
let deleted: Ids;
let caller: Client;
let mine: string;
let callerKey: string;
let outsiders: Readonly<Record<string, string | undefined>>;

/** Of the same form as the real ones, and nobody's. */
const never: Ids = {
  workspace: "never-was-there",
  resource: "res_00000000000000000000000000",
  blueprint_id: "bp_00000000000000000000000000",
  scaffold_id: "scf_00000000000000000000000000",
  plan_id: "plan_00000000000000000000000000",
  run_id: "run_00000000000000000000000000",
  token_id: "tok_00000000000000000000000000",
  deployment: "dep_00000000000000000000000000",
  entry: "@nobody-at-all/never",
  secret: "NEVER_DECLARED",
  member: "nobody",
};

async function owner(name: string) {
  const key = await seedAccount(name);
  const client = await connect(key);
  const must = async (tool: string, input: Record<string, unknown>) => {
    const answer = await client.call(tool, input);
    expect(answer.isError, `${tool}: ${answer.text}`).toBe(false);
    return answer.data;
  };
  return { key, client, must };
}

beforeAll(async () => {
  const { must } = await owner("victim-of-all");
  const workspace = "victims-desk";
  const planned = await must("plan", { intent: "Every day, post a greeting to Slack." });
  const scaffolded = await must("scaffold", { blueprint: leadBlueprint() });
  const created = await must("create", { scaffold_id: scaffolded["scaffold_id"], workspace });
  const deployed = await must("deploy", { blueprint_id: created["blueprint_id"] });
  const [resource] = created["resources"] as { id: string }[];
  const [test] = deployed["tests"] as { run_id: string }[];
  const slug = "@victim-of-all/score";
  const entry = { resource: resource?.id, slug, version: "1.0.0", visibility: "private" };
  await must("publish", entry);
  await must("publish", { ...entry, slug: openEntry, visibility: "public" });
  const token = await must("issue_token", { workspace, member: "ada", inline: true });
  await must("request_secret", { workspace, name: "THEIR_SECRET" });
  theirs = {
    workspace,
    resource: resource?.id ?? "",
    blueprint_id: String(created["blueprint_id"]),
    scaffold_id: String(scaffolded["scaffold_id"]),
    plan_id: String(planned["plan_id"]),
    run_id: test?.run_id ?? "",
    token_id: String(token["token_id"]),
    deployment: String(deployed["deployment_id"]),
    entry: slug,
    secret: "THEIR_SECRET",
    member: "ada",
  };
  expect(Object.keys(theirs)).toEqual(Object.keys(never));
  expect(Object.values(theirs)).not.toContain("");

  const me = await owner("caller-of-all");
  ({ client: caller, key: callerKey } = me);
  mine = "callers-desk";
  await me.must("create_workspace", { slug: mine });
  await me.must("create_workspace", { slug: "callers-former" });
  const former = await me.must("create", { blueprint: leadBlueprint(), workspace: mine });
  const own = (former["resources"] as { id: string }[])[0]?.id ?? "";
  await me.must("delete", { kind: "function", id: own });
  await me.must("delete", { kind: "workspace", id: "callers-former" });
  deleted = { workspace: "callers-former", resource: own };

  const issue = async (role: string) =>
    String(
      (await me.must("issue_token", { workspace: mine, member: role, role, inline: true }))[
        "token"
      ],
    );
  outsiders = {
    nobody: undefined,
    "an admin elsewhere": await issue("admin"),
    "a developer elsewhere": await issue("developer"),
    "a read-only token elsewhere": await issue("read-only"),
    "the owner of another workspace": callerKey,
  };
});

/** Everything that the account has, as it stands. */
async function standing(): Promise<string> {
  const identity = await findWorkspace(services, theirs["workspace"] ?? "");
  const stub = workspaceStub(services.env, identity?.id ?? "");
  const { DB } = env as unknown as Env;
  const rows = ["resources", "deployments", "blueprints", "workspaces", "registry_entries"].map(
    async (table) =>
      (
        await DB.prepare(`SELECT * FROM ${table} WHERE account_id = ?`)
          .bind(identity?.accountId)
          .all()
      ).results,
  );
  return JSON.stringify([
    await Promise.all(rows),
    unwrap(await stub.describe()),
    unwrap(await stub.listTokens()),
    unwrap(await stub.listRuns({ limit: 100 })),
  ]);
}

/** Arguments that name something which belongs to somebody, by the kind of id that they take. */
const references: Readonly<Record<string, string>> = {
  workspace: "workspace",
  resource: "resource",
  resources: "resource",
  blueprint_id: "blueprint_id",
  scaffold_id: "scaffold_id",
  plan_id: "plan_id",
  run_id: "run_id",
  token_id: "token_id",
  entry: "entry",
  refine: "plan_id",
  id: "resource",
};

/** An argument that holds the id inside. */
const wrapped: Readonly<Record<string, (id: string) => unknown>> = {
  resources: (id) => [id],
  refine: (id) => ({ plan_id: id, feedback: "Shorter." }),
};

/** Arguments that name nothing outside of the workspace that stands beside them. */
const harmless = new Set(
  `accept action alias answers auth blueprint by capture_calls client config constraints cursor
   dry_run expires_in_days hosted hosts idempotency_key inline input intent kept_days kept_rows kind
   limit limits mcp member name outcome overrides payload per_day per_minute policies purpose query
   readme reason reissue remove_policies role rotate_data_key run_tests signal since slug step
   telemetry text tool tools url version yanked visibility`.split(/\s+/),
);

/** What a tool needs beside the argument in question, or wants to be told. */
const beside: Readonly<Record<string, Record<string, unknown>>> = {
  kind: { kind: "function" },
  id: { id: "anything" },
  name: { name: "ANY_NAME" },
  client: { client: "zed" },
  member: { member: "eve" },
  action: { action: "cancel" },
  slug: { slug: "@caller-of-all/taken" },
  version: { version: "1.0.0" },
  intent: { intent: "Send a message." },
  entry: { entry: openEntry },
  resource: { resource: "res_x" },
};

/** Where a foreign name is taken, or made; nothing is read or changed through it. */
const claims = new Set(["create.workspace"]);

/** What fails for no id, and says so in these words. */
const quiet: Readonly<Record<string, RegExp>> = {
  "revoke_token.token_id": /Nothing was revoked/,
  "plan.workspace": /Builds a workflow/,
};

interface Probe {
  readonly tool: string;
  readonly field: string;
  readonly of: string;
  readonly extra: Readonly<Record<string, unknown>>;
}

function probesOf({ name: tool, input }: ToolDefinition): Probe[] {
  return Object.keys(input.shape).flatMap((field): Probe[] => {
    const of = references[field];
    if (of === undefined || claims.has(`${tool}.${field}`)) return [];
    const isOptional = (one: string) => input.shape[one]?.safeParse(undefined).success === true;
    const needed = Object.keys(input.shape).filter(
      (one) => one !== field && (one === "intent" || !isOptional(one)),
    );
    const extra = Object.assign({}, ...needed.map((one) => beside[one] ?? {})) as object;
    const place = field !== "workspace" && "workspace" in input.shape ? { workspace: "mine" } : {};
    const full = { ...extra, ...place };
    // The kinds of other tools say no more about whose it is.
    if (input.shape["kind"]?.safeParse("deployment").success !== true) {
      return [{ tool, field, of, extra: full }];
    }
    const kinds = listableKinds.filter((kind) => field !== "workspace" || kind !== "workspace");
    return kinds.map((kind) => {
      return { tool, field, of: field === "id" ? kindOf(kind) : of, extra: { ...full, kind } };
    });
  });
}

function kindOf(kind: string): string {
  const named: Readonly<Record<string, string>> = {
    run: "run_id",
    token: "token_id",
    workspace: "workspace",
    deployment: "deployment",
    secret: "secret",
    member: "member",
  };
  return named[kind] ?? "resource";
}

describe.each(Object.values(tools))("the tool $name", (tool) => {
  it("has no argument of which this does not know whether it names something", () => {
    const unknown = Object.keys(tool.input.shape).filter(
      (field) => references[field] === undefined && !harmless.has(field),
    );
    expect(unknown).toEqual([]);
  });

  it("answers for what is another's, or deleted, as for what never was, and changes nothing", async () => {
    const before = await standing();
    for (const { tool: name, field, of, extra } of probesOf(tool)) {
      const ask = async (id: string) => {
        const value = wrapped[field]?.(id) ?? id;
        const more = name === "revoke_token" && field === "workspace" ? { member: "ada" } : {};
        // The caller's own workspace is known only when the tests run.
        const place = extra["workspace"] === undefined ? {} : { workspace: mine };
        const input = { ...extra, ...place, ...more, [field]: value };
        const { isError, text } = await caller.call(name, input);
        return { isError, text: text.replaceAll(id, "ID").replaceAll(/plan_\w{26}/g, "PLAN") };
      };
      const unknown = await ask(never[of] ?? "");
      const what = `${name}.${field} ${JSON.stringify(extra)}`;
      const words = quiet[`${name}.${field}`];
      expect([what, unknown.isError], unknown.text).toEqual([what, words === undefined]);
      expect(unknown.text, what).toMatch(
        words ?? /^(?:[\w-]+\.not-found|delete\.not-deletable)|workspace-needed/,
      );
      for (const ids of [theirs, deleted]) {
        const id = ids[of];
        if (id !== undefined) expect([what, await ask(id)]).toEqual([what, unknown]);
      }
    }
    expect(await standing()).toBe(before);
  });
});

/** What the resource of a run says, without its id. */
async function readRun(id = ""): Promise<string> {
  const uri = `aerostack://runs/${id}`;
  const said: unknown = await caller.client.readResource({ uri }).catch((error: unknown) => error);
  return (said instanceof Error ? said.message : JSON.stringify(said)).replaceAll(id, "ID");
}

it("a run is read by its resource as it is by the tool: not by others", async () => {
  const foreign = await readRun(theirs["run_id"]);
  expect(foreign).toBe(await readRun(never["run_id"]));
  expect(foreign).toContain("There is no run");
});

/** By what a route is asked for; slugs of workspaces are public names, as names of accounts are. */
const addressed: Readonly<Record<string, (ids: Ids) => Record<string, string>>> = {
  "/e/": ({ workspace = "" }) => ({ workspace, name: "lead-of-theirs" }),
  "/runs/": ({ run_id: id = "" }) => ({ id }),
  "/registry/": ({ entry = "" }) => {
    const [user = "", name = ""] = entry.split("/");
    return { user, name };
  },
  "/v0.1/": ({ entry = "" }) => ({ name: encodeURIComponent(entry.slice(1)) }),
  "/hooks/": ({ resource: id = "" }) => ({ id }),
  "/bots/": ({ resource: id = "" }) => ({ id, platform: "telegram" }),
};
/** What a route takes; a body that is refused would say nothing about the id. */
const bodies: Readonly<Record<string, string>> = {
  "POST /runs/:id/answers": JSON.stringify({ step: "start", payload: {} }),
};
const publicNames = /^\/(?:ws|oauth|\.well-known|docs|go|connect)\//;
const withIds = routes.filter(
  ({ parameters, pattern }) => parameters.length > 0 && !publicNames.test(pattern),
);

describe.each(withIds)("$label", (route: Route) => {
  it("answers for what is another's as for what never was, whoever asks", async () => {
    const values = Object.entries(addressed).find(([start]) =>
      route.pattern.startsWith(start),
    )?.[1];
    if (!values) throw new Error(`By what is ${route.label} asked for?`);
    const before = await standing();
    for (const [who, credential] of Object.entries(outsiders)) {
      const headers: Record<string, string> =
        credential === undefined ? {} : { authorization: `Bearer ${credential}` };
      const ask = async (ids: Ids) => {
        const filled = values(ids);
        const response = await knock(
          route,
          route.path(filled),
          headers,
          bodies[route.label] ?? "{}",
        );
        let text = await response.text();
        for (const one of Object.values(filled))
          text = text.replaceAll(decodeURIComponent(one), "ID");
        return [who, response.status, response.headers.get("www-authenticate"), text];
      };
      const foreign = await ask(theirs);
      expect(foreign).toEqual(await ask(never));
      // Or the method is no way to ask at all, whatever the ids are.
      expect([401, 404, 405]).toContain(foreign[1]);
    }
    expect(await standing()).toBe(before);
  });
});
