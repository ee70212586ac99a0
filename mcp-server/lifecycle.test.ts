import { expect, it } from "vitest";
import { clients } from "./clients/index.ts";
import { connect, request, rpc, seedAccount } from "./mcp-client.fixture.ts";

/** A condition and a function, reachable as an endpoint; a hosted server beside it. */
const blueprint = {
  name: "lead_desk",
  functions: [
    {
      name: "score",
      description: "Scores a lead by company size, 0 to 100.",
      code: `export default async function (input: { employees: number }) {
  return { score: input.employees > 50 ? 90 : 20 };
}`,
      input: {
        type: "object",
        properties: { employees: { type: "number" } },
        required: ["employees"],
      },
      output: { type: "object", properties: { score: { type: "number" } }, required: ["score"] },
    },
  ],
  mcps: [
    {
      name: "greeter",
      description: "Greets people.",
      code: `import { defineServer } from "aerostack";
export default defineServer({
  name: "greeter",
  version: "1.0.0",
  tools: {
    greet: {
      description: "Greets a person by name.",
      input: { type: "object", properties: { name: { type: "string" } }, required: ["name"] },
      annotations: { readOnlyHint: true },
      run: (input: { name: string }) => "Hello, " + input.name + "!",
    },
  },
});`,
    },
  ],
  workflows: [
    {
      name: "inbound",
      nodes: [
        { id: "start", type: "trigger", config: { source: "endpoint" } },
        {
          id: "score",
          type: "call_function",
          config: { function: "score", input: { employees: "{{ input.employees }}" } },
        },
      ],
      edges: [{ from: "start", to: "score" }],
      output: { score: "{{ steps.score.output.score }}" },
    },
  ],
  endpoints: [{ name: "leads", workflow: "inbound" }],
  tests: [
    {
      name: "a large company scores high",
      target: { kind: "workflow", name: "inbound" },
      input: { employees: 500 },
      expect: { output: { score: 90 } },
    },
  ],
};

interface Resource {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly version: number;
  readonly urls?: Record<string, string>;
}

async function must(
  call: Awaited<ReturnType<typeof connect>>["call"],
  name: string,
  input: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const answer = await call(name, input);
  expect(answer.isError, `${name}: ${answer.text}`).toBe(false);
  return answer.data;
}

it("takes a blueprint from scaffold to a called, shared, published deployment", async () => {
  const key = await seedAccount("life");
  const { call } = await connect(key);
  const scaffolded = await must(call, "scaffold", { blueprint });
  expect(scaffolded["checks"]).toEqual([]);
  const created = await must(call, "create", {
    scaffold_id: scaffolded["scaffold_id"],
    workspace: "life-desk",
    idempotency_key: "first",
  });
  const again = await must(call, "create", {
    scaffold_id: scaffolded["scaffold_id"],
    workspace: "life-desk",
    idempotency_key: "first",
  });
  expect(again["blueprint_id"]).toBe(created["blueprint_id"]);
  const resources = created["resources"] as Resource[];
  const idOf = (kind: string) => resources.find((one) => one.kind === kind)?.id ?? "";

  const draft = await must(call, "invoke", { resource: idOf("function"), input: { employees: 9 } });
  expect(draft["output"]).toEqual({ score: 20 });
  const dry = await must(call, "deploy", { blueprint_id: created["blueprint_id"], dry_run: true });
  expect(dry["state"]).toBe("checked");
  const deployed = await must(call, "deploy", { blueprint_id: created["blueprint_id"] });
  expect(deployed).toMatchObject({ state: "live", tests: [{ passed: true }] });
  const endpoint = (deployed["resources"] as Resource[]).find((one) => one.kind === "endpoint");
  const url = new URL(endpoint?.urls?.["endpoint"] ?? "");

  const answered = await request(url.pathname, {
    method: "POST",
    headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
    body: JSON.stringify({ employees: 500 }),
  });
  const body: { output: unknown; run_id: string; url: string } = await answered.json();
  expect(body.output).toEqual({ score: 90 });
  const run = await must(call, "get_run", { run_id: body.run_id });
  expect(run).toMatchObject({
    status: "succeeded",
    url: body.url,
    steps: [
      { id: "start", status: "succeeded" },
      { id: "score", status: "succeeded", output: { score: 90 } },
    ],
  });
  const invoked = await must(call, "invoke", {
    resource: idOf("workflow"),
    input: { employees: 1 },
  });
  expect(invoked).toMatchObject({ state: "succeeded", output: { score: 20 } });
  for (const page of [body.url, String(invoked["url"])]) {
    expect(page).toMatch(/^https:\/\/[^/]+\/runs\/run_\w{36}$/);
    const shown = await request(new URL(page).pathname, { headers: { Accept: "text/html" } });
    expect(await shown.text()).toContain("Sign in to see this run");
  }
  const retried = await must(call, "control_run", { run_id: invoked["run_id"], action: "retry" });
  expect(retried["new_run_id"]).not.toBe(invoked["run_id"]);

  const published = await must(call, "publish", {
    resource: idOf("function"),
    slug: "@life/lead-scorer",
    version: "1.0.0",
    readme: "Scores leads.",
  });
  expect(published["integrity"]).toMatch(/^sha256-/);

  const which = { slug: "@life/lead-scorer", version: "1.0.1" };
  await must(call, "publish", { ...which, resource: idOf("function") });
  expect(await must(call, "publish", { ...which, yanked: true })).toMatchObject({ yanked: true });
  expect(await call("publish", { ...which, yanked: true, resource: "res_x" })).toMatchObject({
    isError: true,
    text: expect.stringContaining("publish.which") as string,
  });
  const taken = await call("install", {
    entry: "@life/lead-scorer@1.0.1",
    workspace: "life-desk",
    alias: "again",
  });
  expect(taken.text).toContain("registry.yanked");
});

it("lets another account find, install and call what was published", async () => {
  const { call } = await connect(await seedAccount("reuser"), "legacy");
  const found = await must(call, "search_registry", { query: "score a lead" });
  // Others may have published scorers of their own meanwhile.
  const hits = found["hits"] as { slug: string; version: string }[];
  const own = hits.filter(({ slug }) => slug === "@life/lead-scorer");
  expect(own).toMatchObject([{ version: "1.0.0" }]);
  await must(call, "create_workspace", { slug: "reuse-desk" });
  await must(call, "install", { entry: "@life/lead-scorer@1.0.0", workspace: "reuse-desk" });
  const listed = await must(call, "list", { kind: "function", workspace: "reuse-desk" });
  const [installed] = listed["items"] as Resource[];
  const answer = await must(call, "invoke", {
    resource: installed?.id,
    input: { employees: 77 },
  });
  expect(answer["output"]).toEqual({ score: 90 });
});

it("shares the workspace with a member, logs the calls and refuses a revoked token", async () => {
  const owner = await connect(await seedAccount("sharer"));
  const { call } = owner;
  await must(call, "create", { blueprint: { ...blueprint, tests: [] }, workspace: "share-desk" });
  const listed = await must(call, "list", { kind: "mcp", workspace: "share-desk" });
  const functions = await must(call, "list", { kind: "function", workspace: "share-desk" });
  const ids = [...(listed["items"] as Resource[]), ...(functions["items"] as Resource[])];
  await must(call, "deploy", { resources: ids.map((one) => one.id) });
  const issued = await must(call, "issue_token", {
    workspace: "share-desk",
    member: "mia",
    inline: true,
  });
  const token = String(issued["token"]);
  for (const mode of ["legacy", "auto"] as const) {
    const member = await connect(token, mode, "/ws/share-desk");
    const names = (await member.client.listTools()).tools.map((tool) => tool.name);
    expect(names).toEqual(expect.arrayContaining(["fn__score", "greeter__greet"]));
    expect((await member.call("greeter__greet", { name: "Ada" })).text).toContain("Hello, Ada!");
    expect((await member.call("fn__score", { employees: 80 })).data).toEqual({ score: 90 });
  }
  const log = await must(call, "call_log", { workspace: "share-desk", member: "mia" });
  expect(log["calls"]).toHaveLength(4);
  const page = { workspace: "share-desk", member: "mia", limit: 3 };
  const first = await must(call, "call_log", page);
  const second = await must(call, "call_log", { ...page, cursor: first["next_cursor"] });
  expect(second).not.toHaveProperty("next_cursor");
  expect([first["calls"], second["calls"]].flat()).toEqual(log["calls"]);
  const usage = await must(call, "usage", { workspace: "share-desk" });
  expect(JSON.stringify(usage)).toContain("score");
  await must(call, "revoke_token", { workspace: "share-desk", member: "mia" });
  expect((await rpc(token, "tools/list", {}, "/ws/share-desk")).status).toBe(401);
  await must(call, "delete", { kind: "workspace", id: "share-desk" });
  expect((await call("get", { kind: "workspace", id: "share-desk" })).isError).toBe(true);
});

it("gives claim links by default, and a secret only its page", async () => {
  const { call } = await connect(await seedAccount("chief", true));
  await must(call, "create_workspace", { slug: "links-desk" });
  const issued = await must(call, "issue_token", { workspace: "links-desk", member: "kim" });
  expect(issued).not.toHaveProperty("token");
  expect(issued["claim_url"]).toMatch(/\/connect\//);
  const secret = await must(call, "request_secret", { workspace: "links-desk", name: "API_TOKEN" });
  expect(secret).toMatchObject({ state: "missing", enter_url: expect.stringMatching(/\/go\//) });
  const form = { value: "entered-by-a-person" };
  await request(new URL(String(secret["enter_url"])).pathname, {
    method: "POST",
    headers: { Accept: "application/json" },
    body: new URLSearchParams(form),
  });
  const again = { workspace: "links-desk", name: "API_TOKEN" };
  expect(await must(call, "request_secret", again)).toMatchObject({ state: "set" });
  for (const hosts of [["*"], ["a b"], ["a.example\r\nX: y"]]) {
    expect((await call("request_secret", { ...again, hosts })).isError).toBe(true);
  }
  const torn = { workspace: "links-desk", member: "kim\r\nX: y" };
  expect((await call("issue_token", torn)).isError).toBe(true);
  const bound = { ...again, hosts: ["api.example.com", "www.example.com"] };
  expect(await must(call, "request_secret", bound)).toMatchObject({ state: "missing" });
  const account = await must(call, "create_account", { name: "new-one" });
  expect(account).not.toHaveProperty("key");
  const page = new URL(String(account["claim_url"])).pathname;
  const asked = await request(page, { headers: { Accept: "application/json" } });
  expect(await asked.json()).toMatchObject({
    purpose: "claim-key",
    from: "chief",
    account: "new-one",
  });
  const first = await must(call, "create_account", { name: "leaky", inline: true });
  const second = await must(call, "create_account", { name: "leaky", inline: true, reissue: true });
  expect(second["account_id"]).toBe(first["account_id"]);
  expect((await rpc(String(first["key"]), "tools/list", {}, "/mcp")).status).toBe(401);
  expect((await rpc(String(second["key"]), "tools/list", {}, "/mcp")).status).toBe(200);
  const other = await connect(await seedAccount("no-chief"));
  expect((await other.call("create_account", { name: "more" })).text).toContain("operator");
});

it("prints configurations without a token for every client", async () => {
  const key = await seedAccount("printer");
  const { call } = await connect(key);
  for (const name of Object.keys(clients)) {
    const shown = await must(call, "client_config", { client: name });
    const text = JSON.stringify(shown);
    expect(text).toContain("https://aerostack.test/mcp");
    expect(text).not.toContain(key);
  }
});

it("lists a connected server that does not answer, and takes it away again", async () => {
  const { call } = await connect(await seedAccount("linker"));
  await must(call, "create_workspace", { slug: "link-desk" });
  const linked = await must(call, "connect_mcp", {
    workspace: "link-desk",
    alias: "away",
    url: "http://127.0.0.1:8/mcp",
    auth: { type: "header", secret: "AWAY_KEY" },
  });
  expect(linked).toMatchObject({ alias: "away", secret: { name: "AWAY_KEY", state: "missing" } });
  const listed = await must(call, "list", { kind: "mcp", workspace: "link-desk" });
  expect(listed["items"]).toMatchObject([{ name: "away" }]);
  await must(call, "delete", { kind: "mcp", workspace: "link-desk", id: "away" });
  expect((await must(call, "list", { kind: "mcp", workspace: "link-desk" }))["items"]).toEqual([]);
});
