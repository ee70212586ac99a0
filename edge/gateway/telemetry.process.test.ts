import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningServer, startServer } from "#edge/local/server";

/** A collector that speaks OTLP over HTTP: once busy, then willing. */
interface Posted {
  readonly path: string;
  readonly key: string;
  readonly body: Record<string, unknown>;
}
const posted: Posted[] = [];
let refusals = 1;
const collector = createServer((request, response) => {
  let text = "";
  request.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  request.on("end", () => {
    const isBusy = refusals-- > 0;
    if (isBusy) response.writeHead(503, { "retry-after": "0" });
    else {
      const body = JSON.parse(text) as Record<string, unknown>;
      posted.push({ path: request.url ?? "", key: String(request.headers["x-key"]), body });
    }
    response.end("{}");
  });
});

const secret = "collector-key-4711-canary";
const traceId = "0af7651916cd43dd8448eb211c80319c";
let folder = "";
let server: RunningServer;
let agent: Client;

beforeAll(async () => {
  await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
  folder = await mkdtemp(path.join(tmpdir(), "aerostack-test-"));
  server = await startServer({ port: 0, dataFolder: folder, allowHosts: "127.0.0.1:*" });
  agent = await connect(`${server.url}/mcp`, server.accountKey);
});

afterAll(async () => {
  await agent?.close();
  await server?.stop();
  collector.closeAllConnections();
  collector.close();
  await rm(folder, { recursive: true, force: true });
});

async function connect(url: string, credential: string): Promise<Client> {
  const client = new Client({ name: "telemetry-test", version: "1.0.0" });
  const requestInit = { headers: { authorization: `Bearer ${credential}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  return client;
}

async function must(name: string, args: Record<string, unknown>): Promise<Record<string, unknown>> {
  const { structuredContent, content, isError } = await agent.callTool({ name, arguments: args });
  expect(isError, JSON.stringify(content)).toBeFalsy();
  return structuredContent as Record<string, unknown>;
}

/** All spans that arrived, flat, with their attributes as one object. */
function spans() {
  return posted
    .filter((one) => one.path === "/v1/traces")
    .flatMap(({ body }) => body["resourceSpans"] as Resource[])
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans))
    .map((span) => ({ ...span, attributes: flat(span.attributes) }));
}

type Value = { stringValue?: string; intValue?: string; doubleValue?: number };
interface SpanOnWire {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: { key: string; value: Value }[];
  status: { code?: number };
}
interface Resource {
  scopeSpans: { spans: SpanOnWire[] }[];
}
const flat = (attributes: SpanOnWire["attributes"]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

it("every call becomes a span in the caller's trace, at the workspace's own collector", async () => {
  const functions = [
    { name: "double", code: "export default ({ n }) => ({ twice: n * 2 })" },
    { name: "fails", code: `export default () => { throw new Error("no"); }` },
  ];
  const created = await must("create", {
    blueprint: { name: "traced", functions },
    workspace: "traced",
  });
  const resources = (created["resources"] as { id: string }[]).map(({ id }) => id);
  await must("deploy", { resources });
  const { port } = collector.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  const telemetry = { endpoint, headers: { "x-key": "{{ COLLECTOR_KEY }}" } };
  await must("configure_workspace", { workspace: "traced", telemetry });
  const { enter_url: enter } = await must("request_secret", {
    workspace: "traced",
    name: "COLLECTOR_KEY",
    purpose: "The collector's key.",
  });
  await typeSecret(String(enter));
  const issued = await must("issue_token", { workspace: "traced", member: "ada", inline: true });
  const member = await connect(`${server.url}/ws/traced`, String(issued["token"]));
  const traced = { _meta: { traceparent: `00-${traceId}-b7ad6b7169203331-01` } };
  const { tools } = await member.listTools();
  const named = (end: string) => tools.find(({ name }) => name.endsWith(end))?.name ?? "";
  await member.callTool({ name: named("double"), arguments: { n: 2 }, ...traced });
  await member.callTool({ name: named("fails"), arguments: {}, ...traced });
  await member.close();

  await expect
    .poll(() => spans().filter(({ kind }) => kind === 2), { timeout: 20_000 })
    .toHaveLength(2);
  const [double, fails] = spans().filter(({ kind }) => kind === 2);
  expect(double).toMatchObject({
    traceId,
    parentSpanId: "b7ad6b7169203331",
    name: expect.stringMatching(/^tools\/call .*double$/),
    attributes: {
      "mcp.method.name": "tools/call",
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": named("double"),
      "aerostack.member": "ada",
      "aerostack.outcome": "ok",
    },
    status: {},
  });
  expect(BigInt(double!.endTimeUnixNano)).toBeGreaterThan(BigInt(double!.startTimeUnixNano));
  expect(fails).toMatchObject({
    traceId,
    attributes: { "error.type": "code.failed" },
    status: { code: 2 },
  });
  const below = spans().filter(({ parentSpanId }) => parentSpanId === double!.spanId);
  expect(below).toMatchObject([{ kind: 3, traceId }]);
});

it("a run is one trace: the workflow, and each of its steps in it", async () => {
  const workflow = {
    name: "chain",
    nodes: [
      { id: "start", type: "trigger", config: { source: "endpoint" } },
      { id: "double", type: "call_function", config: { function: "double", input: { n: 4 } } },
    ],
    edges: [{ from: "start", to: "double" }],
  };
  const endpoints = [{ name: "chain", workflow: "chain" }];
  const functions = [{ name: "double", code: "export default ({ n }) => ({ twice: n * 2 })" }];
  const created = await must("create", {
    blueprint: { name: "chained", functions, workflows: [workflow], endpoints },
    workspace: "traced",
  });
  const resources = (created["resources"] as { id: string }[]).map(({ id }) => id);
  await must("deploy", { resources });
  const answer = await fetch(`${server.url}/e/traced/chain`, {
    method: "POST",
    headers: { authorization: `Bearer ${server.accountKey}` },
    body: "{}",
  });
  const { run_id: run } = await answer.json<{ run_id: string }>();
  const root = () => spans().find(({ attributes }) => attributes["aerostack.run.id"] === run);
  await expect.poll(root, { timeout: 20_000 }).toBeDefined();
  expect(root()).toMatchObject({ name: "invoke_workflow chain", status: {} });
  const steps = spans().filter(({ parentSpanId }) => parentSpanId === root()?.spanId);
  expect(steps.map(({ name }) => name).toSorted()).toEqual([
    "call_function double",
    "trigger start",
  ]);
  expect(new Set(steps.map((step) => step.traceId))).toEqual(new Set([root()?.traceId]));
});

it("durations come as histograms whose buckets add up to the calls", () => {
  const { resourceMetrics } = posted.find((one) => one.path === "/v1/metrics")!.body as {
    resourceMetrics: { scopeMetrics: { metrics: MetricOnWire[] }[] }[];
  };
  const metrics = resourceMetrics.flatMap(({ scopeMetrics }) =>
    scopeMetrics.flatMap((scope) => scope.metrics),
  );
  const whole = metrics.find(({ name }) => name === "mcp.server.operation.duration");
  expect(whole).toMatchObject({ unit: "s", histogram: { aggregationTemporality: 1 } });
  const points = whole?.histogram.dataPoints ?? [];
  for (const { count, bucketCounts, explicitBounds } of points) {
    expect(bucketCounts).toHaveLength(explicitBounds.length + 1);
    expect(bucketCounts.reduce((sum, one) => sum + Number(one), 0)).toBe(Number(count));
  }
  expect(points.reduce((sum, { count }) => sum + Number(count), 0)).toBe(2);
});

it("the collector's credential goes into its header and nowhere else", async () => {
  expect(new Set(posted.map(({ key }) => key))).toEqual(new Set([secret]));
  const told = await must("configure_workspace", { workspace: "traced" });
  expect(told).toMatchObject({ exported: { dropped: 0 } });
  expect(JSON.stringify([told, posted.map(({ body }) => body)])).not.toContain(secret);
});

it.each([
  [{ endpoint: "http://169.254.169.254/otlp" }, "egress.private-address"],
  [{ endpoint: "ftp://collector.example" }, "telemetry.invalid"],
  [
    { endpoint: "https://collector.example", headers: { Authorization: "Bearer abc" } },
    "telemetry.bad-header",
  ],
])("a collector that may not be is refused: %j", async (telemetry, code) => {
  const refused = await agent.callTool({
    name: "configure_workspace",
    arguments: { workspace: "traced", telemetry },
  });
  expect(refused.isError).toBe(true);
  expect(JSON.stringify(refused.structuredContent ?? refused.content)).toContain(code);
});

interface MetricOnWire {
  name: string;
  unit: string;
  histogram: {
    aggregationTemporality: number;
    dataPoints: { count: string; bucketCounts: string[]; explicitBounds: number[] }[];
  };
}

/** What the form of the page would send. */
async function typeSecret(url: string): Promise<void> {
  const page = await (await fetch(url)).text();
  const hidden = [...page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)];
  const form = new URLSearchParams(hidden.map(([, name = "", value = ""]) => [name, value]));
  form.set("value", secret);
  const response = await fetch(url, {
    method: "POST",
    headers: { origin: new URL(url).origin },
    body: form,
  });
  expect(response.status).toBe(200);
}
