import { exports } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import { afterEach, describe, expect, it, vi } from "vitest";
import { blueprintSchema, workflowSchema } from "#blueprints/blueprint";
import { checkBlueprint } from "#blueprints/check";
import { unwrap } from "#blueprints/outcome";
import { createResources } from "#edge/deploy/create";
import { deployResources } from "#edge/deploy/deploy";
import { testAccount } from "#edge/deploy/deploy.fixture";
import { network, type Place, place, type Seen } from "#edge/gateway/gateway.fixture";
import type { LiveEndpoint } from "#edge/gateway/live-items";
import { workspaceStub } from "#edge/gateway/stub";
import { nodes } from "#edge/nodes/index";
import { env } from "#edge/workflow/run.fixture";
import { runStub } from "#edge/workflow/start";
import { runIdOf } from "#edge/workflow/run-id";

afterEach(() => {
  vi.restoreAllMocks();
});

const key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const declared = { name: "CALLBACK_KEY", purpose: "Signs callbacks.", hosts: ["done.test"] };
const url = "https://done.test/runs?of=acme";

const workflow = workflowSchema.parse({
  name: "halve",
  input: { type: "object" },
  nodes: [
    { id: "start", type: "trigger", config: { source: "endpoint" } },
    { id: "set", type: "action", config: { set: { name: "half", value: "{{ input.n / 2 }}" } } },
    {
      id: "ask",
      type: "logic",
      config: { cases: [{ port: "yes", when: 'default(input.ask, "") == "yes"' }] },
    },
    { id: "review", type: "human_review", config: { title: "Halve it?" } },
  ],
  edges: [
    { from: "start", to: "set" },
    { from: "set", to: "ask" },
    { from: "ask", port: "yes", to: "review" },
  ],
  output: { half: "{{ vars.half }}", echo: "{{ default(input.echo, null) }}" },
});

/** A workspace whose endpoint `halve` calls back. */
async function callingPlace(callback: Partial<LiveEndpoint["callback"]> | null = {}) {
  const where = await place();
  const secret = { ...declared, kind: "token" as const };
  unwrap(await where.stub.declareSecret(secret));
  unwrap(await where.stub.putSecret(secret.name, key));
  const back = { secret: secret.name, hosts: secret.hosts, ...callback };
  const definition = {
    workflow: "halve",
    description: "",
    auth: "token",
    ...(callback === null ? {} : { callback: back }),
  } as const;
  const live = { workflow, functions: {}, egress: [], secrets: [] };
  unwrap(
    await where.stub.putLive([
      { kind: "workflow", name: "halve", version: 1, definition: live },
      { kind: "endpoint", name: "halve", version: 1, definition },
    ]),
  );
  return where;
}

async function call(where: Place, body: object, headers: Record<string, string> = {}) {
  const response = await exports.default.fetch(
    `https://aerostack.test/e/${where.identity.slug}/halve`,
    {
      method: "POST",
      headers: {
        authorization: `Bearer ${where.ownerKey}`,
        "content-type": "application/json",
        ...headers,
      },
      body: JSON.stringify(body),
    },
  );
  const text = await response.text();
  const answer = JSON.parse(text) as { run_id?: string; error?: { code: string } };
  return { ...answer, status: response.status, id: answer.run_id ?? "" };
}

/** What came to the receiver; runs of other tests may send something elsewhere meanwhile. */
function received({ requests }: Seen) {
  return requests.filter(({ url: to }) => new URL(to).host === "done.test");
}

/** What the receiver reads, which checks the signature as the standard's own library does. */
function verified(seen: Seen) {
  return received(seen).map(({ headers, body }) => ({
    id: headers.get("webhook-id"),
    body: new Webhook(key).verify(body, Object.fromEntries(headers)) as Record<string, unknown>,
  }));
}
const later = { prefer: "respond-async", "aerostack-callback": url };
const read = async (id: string) => unwrap(await runStub(env, id).inspect());
const ok = async () => new Response(null, { status: 204 });

describe("a run that ends", () => {
  it("is told to the address of the call, signed, once, under the run's id", async () => {
    const where = await callingPlace();
    const seen = network({ "done.test": ok });
    const { id, status } = await call(where, { n: 4 }, later);
    expect(status).toBe(202);
    await expect.poll(() => received(seen).length).toBe(1);
    const data = {
      run_id: id,
      workflow: "halve",
      status: "succeeded",
      output: { half: 2, echo: null },
    };
    const told = { type: "run.succeeded", timestamp: expect.any(String) };
    const where2 = { url: `https://aerostack.test/runs/${id}` };
    expect(verified(seen)).toEqual([{ id, body: { ...told, data: { ...data, ...where2 } } }]);
    expect(received(seen)[0]?.url).toBe(url);
    expect([...(received(seen)[0]?.headers.keys() ?? [])]).not.toContain("aerostack-sign");
    const delivery = await runIdOf("callback", id);
    await expect.poll(async () => (await read(delivery)).status).toBe("succeeded");
    const trace = await read(delivery);
    expect(trace.detachedFrom).toEqual({ runId: id });
    expect(JSON.stringify(trace)).not.toContain("MfKQ9r8");
    expect(received(seen)).toHaveLength(1);
  });

  it("is told to a receiver that fails twice, with a signature of each moment", async () => {
    const where = await callingPlace();
    let answers = 0;
    const seen = network({
      "done.test": async () => {
        answers += 1;
        if (answers === 1) return new Response("down", { status: 503 });
        if (answers === 2) throw new TypeError("connection reset");
        return new Response("ok");
      },
    });
    const { id } = await call(where, { n: 6 }, later);
    await expect.poll(() => answers, { timeout: 20_000 }).toBe(3);
    const told = verified(seen);
    expect(told.map((one) => one.id)).toEqual([id, id, id]);
    expect(told[2]?.body).toEqual(told[0]?.body);
    const [first = 0, , third = 0] = received(seen).map(({ headers }) =>
      Number(headers.get("webhook-timestamp")),
    );
    expect(third).toBeGreaterThan(first);
    const delivery = await runIdOf("callback", id);
    await expect.poll(async () => (await read(delivery)).status).toBe("succeeded");
    expect(await read(id)).toMatchObject({ status: "succeeded", output: { half: 3 } });
  });

  it("is told when it failed or was cancelled, and stays what it is where nobody listens", async () => {
    const where = await callingPlace({ url: "https://done.test/own" });
    const seen = network({ "done.test": async () => new Response("no", { status: 400 }) });
    const failed = await call(where, { n: "x" });
    expect([failed.status, failed.error?.code]).toEqual([502, expect.any(String)]);
    const waits = await call(where, { n: 2, ask: "yes" });
    unwrap(await runStub(env, waits.id).cancel("enough"));
    await expect.poll(() => received(seen).length).toBe(2);
    expect(verified(seen)).toMatchObject([
      {
        id: failed.id,
        body: { type: "run.failed", data: { error: { code: failed.error?.code } } },
      },
      { id: waits.id, body: { type: "run.cancelled", data: { status: "cancelled" } } },
    ]);
    expect(received(seen).map((one) => one.url)).toEqual(Array(2).fill("https://done.test/own"));
    const delivery = await runIdOf("callback", waits.id);
    await expect.poll(async () => (await read(delivery)).status).toBe("failed");
    expect((await read(waits.id)).status).toBe("cancelled");
    expect(received(seen)).toHaveLength(2);
  });

  it("is told without its output where that is large", async () => {
    const where = await callingPlace();
    const seen = network({ "done.test": ok });
    const { id } = await call(where, { n: 4, echo: "x".repeat(1_000_001) }, later);
    await expect.poll(() => received(seen).length).toBe(1);
    const [told] = verified(seen);
    expect(told?.body["data"]).toMatchObject({ run_id: id, output_omitted: true });
    expect(received(seen)[0]?.body.length).toBeLessThan(1_000);
  });

  it("is not led elsewhere by the receiver", async () => {
    const where = await callingPlace();
    const headers = { location: "https://10.0.0.1/secrets" };
    const seen = network({ "done.test": async () => new Response(null, { status: 307, headers }) });
    const { id } = await call(where, { n: 4 }, later);
    const delivery = await runIdOf("callback", id);
    const error = async () => (await runStub(env, delivery).result(5_000)) as { value?: object };
    await expect
      .poll(error)
      .toMatchObject({ value: { error: { code: "egress.private-address" } } });
    expect(received(seen)).toHaveLength(1);
  });
});

describe("a call that asks for a callback", () => {
  it.each([
    ["https://evil.test/x", "endpoint.bad-callback"],
    ["https://done.test:8443/x", "endpoint.bad-callback"],
    ["https://a:b@done.test/x", "endpoint.bad-callback"],
    ["https://10.0.0.1/x", "egress.private-address"],
    ["https://[::1]/x", "egress.private-address"],
    ["http://done.test/x", "egress.not-https"],
    ["/runs", "egress.bad-url"],
    ["file:///etc/passwd", "egress.bad-url"],
  ])("is refused for %s, and nothing runs", async (address, code) => {
    const where = await callingPlace();
    const answer = await call(where, { n: 4 }, { "aerostack-callback": address });
    expect(answer.error?.code).toBe(code);
    expect(unwrap(await where.stub.listRuns({}))).toEqual([]);
  });

  it("is refused where the endpoint makes none", async () => {
    const where = await callingPlace(null);
    expect((await call(where, { n: 4 }, later)).error?.code).toBe("endpoint.no-callback");
  });

  it("is another request under the same key with another address", async () => {
    const where = await callingPlace();
    const seen = network({ "done.test": ok });
    const once = { ...later, "idempotency-key": "one" };
    const { id } = await call(where, { n: 4 }, once);
    expect((await call(where, { n: 4 }, once)).id).toBe(id);
    const other = await call(where, { n: 4 }, { ...once, "aerostack-callback": `${url}2` });
    expect(other.error?.code).toBe("run.other-request");
    await expect.poll(() => received(seen).length).toBe(1);
  });
});

describe("an endpoint with a callback", () => {
  const document = (callback: object, secret: object = declared) => ({
    name: "halving",
    workflows: [workflow],
    endpoints: [{ name: "halve", workflow: "halve", callback }],
    secrets: [secret],
  });

  it.each([
    [{ secret: "CALLBACK_KEY" }, { ...declared, hosts: [] }, "endpoint.callback-nowhere"],
    [{ secret: "CALLBACK_KEY" }, { ...declared, kind: "url" }, "endpoint.callback-nowhere"],
    [{ secret: "OTHER" }, declared, "secret.undeclared"],
    [{ secret: "CALLBACK_KEY", url: "https://x.test/" }, declared, "secret.host-not-allowed"],
  ])("is checked before it is created (%#)", (callback, secret, code) => {
    const { issues } = checkBlueprint(document(callback, secret), nodes);
    const [first] = issues.filter(({ severity }) => severity === "error");
    expect(first).toMatchObject({ code, path: "endpoints[0].callback.secret" });
  });

  it("goes live once its secret is entered, and says so in its OpenAPI document", async () => {
    const { services, actor } = await testAccount("callbacks");
    const own = "https://done.test/own";
    const blueprint = blueprintSchema.parse(document({ secret: "CALLBACK_KEY", url: own }));
    const created = await createResources(services, actor, {
      blueprint: {
        ...blueprint,
        endpoints: blueprint.endpoints.map((one) => ({ ...one, auth: "public" })),
      },
      workspace: "callbacks",
    });
    const deploy = () => deployResources(services, actor, { blueprintId: created.blueprintId });
    await expect(deploy()).rejects.toMatchObject({ code: "deploy.secrets-missing" });
    unwrap(await workspaceStub(env, created.workspace.id).putSecret("CALLBACK_KEY", key));
    await deploy();
    const seen = network({ "done.test": ok });
    const endpoint = "https://aerostack.test/e/callbacks/halve";
    const called = await exports.default.fetch(endpoint, { method: "POST", body: '{"n":8}' });
    expect(await called.json()).toMatchObject({ output: { half: 4 } });
    await expect.poll(() => received(seen).length).toBe(1);
    expect(verified(seen)).toMatchObject([{ body: { data: { output: { half: 4 } } } }]);
    const api = await (await exports.default.fetch(`${endpoint}/openapi.json`)).json();
    expect(api).toMatchObject({
      paths: {
        "/e/callbacks/halve": {
          post: {
            parameters: [{}, {}, { name: "Aerostack-Callback", in: "header" }],
            callbacks: {
              ended: {
                "{$request.header.Aerostack-Callback}": { post: { parameters: [{}, {}, {}] } },
                [own]: {},
              },
            },
          },
        },
      },
    });
  });
});
