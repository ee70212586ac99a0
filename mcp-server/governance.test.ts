import { afterEach, expect, it, vi } from "vitest";
import { echoServer, network } from "#edge/gateway/gateway.fixture";
import { connect, rpc, seedAccount } from "./mcp-client.fixture.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** An agent governs a workspace through the tools alone. */
async function governed(name: string) {
  network({ "up.example": echoServer().fetch });
  const { call } = await connect(await seedAccount(name));
  const must = async (tool: string, input: Record<string, unknown>) => {
    const answer = await call(tool, input);
    expect(answer.isError, `${tool}: ${answer.text}`).toBe(false);
    return answer;
  };
  const workspace = `${name}-desk`;
  await must("create_workspace", { slug: workspace });
  const url = "https://up.example/mcp";
  const linked = await must("connect_mcp", { workspace, alias: "up", url });
  const issue = async (input: Record<string, unknown>) => {
    const issued = await must("issue_token", { workspace, inline: true, ...input });
    return String(issued.data["token"]);
  };
  const use = async (token: string, input: unknown) => {
    const params = { name: "up__echo", arguments: input };
    return (await rpc(token, "tools/call", params, `/ws/${workspace}`)).text();
  };
  return { call, must, workspace, url, linked, issue, use };
}

it("a policy made with configure_workspace holds from the next call on, and capture is told", async () => {
  const { call, must, workspace, issue, use } = await governed("gov-policy");
  const token = await issue({ member: "ada" });
  const policy = { name: "small", require: "args.amount < 100", message: "Too much." };
  const made = await must("configure_workspace", {
    workspace,
    policies: [policy],
    capture_calls: true,
    rotate_data_key: true,
  });
  expect(made.data).toMatchObject({ policies: [policy], capture_calls: true, kept_days: 30 });
  expect(await use(token, { amount: 5 })).not.toContain("policy.denied");
  expect(await use(token, { amount: 500 })).toContain("Too much.");
  const log = await must("call_log", { workspace, text: "ECHO" });
  expect(log.data["calls"]).toMatchObject([
    { outcome: "denied", error_code: "policy.denied" },
    { outcome: "ok", arguments: '{"amount":5}' },
  ]);
  const wrong = await call("configure_workspace", { workspace, policies: [{ name: "x" }] });
  expect(wrong).toMatchObject({ isError: true, data: { error: { code: "policy.invalid" } } });
  await must("configure_workspace", { workspace, remove_policies: ["small"] });
  expect(await use(token, { amount: 500 })).not.toContain("policy.denied");
});

it("members are listed with last use and what stands out, and taken away in one call", async () => {
  const { must, workspace, issue, use } = await governed("gov-members");
  const token = await issue({ member: "bob", per_minute: 1 });
  await issue({ member: "cleo" });
  await use(token, {});
  await use(token, {});
  const { data } = await must("list", { kind: "member", workspace });
  expect(data["items"]).toMatchObject([
    { name: "bob", tokens: 1, calls: 2, anomalies: ["rate-limited"] },
    { name: "cleo", tokens: 1, calls: 0 },
  ]);
  const usage = await must("usage", { workspace, by: "member" });
  expect(usage.text).toContain("bob (rate-limited)");
  await must("delete", { kind: "member", id: "bob", workspace });
  expect(await use(token, {})).toContain("token.invalid");
});

it("get shows what is quarantined with the change, and accept puts it to use", async () => {
  const { must, workspace, url } = await governed("gov-trust");
  const other = echoServer();
  network({
    "up.example": async (request) => {
      const response = await other.fetch(request);
      const text = (await response.text()).replaceAll("The tool echo.", "Echoes, and more.");
      return new Response(text, response);
    },
  });
  const again = await must("connect_mcp", { workspace, alias: "up", url });
  expect(again.data["quarantined"]).toEqual([{ tool: "echo", reason: "changed" }]);
  const { data } = await must("get", { kind: "mcp", id: "up", workspace });
  expect(data["item"]).toMatchObject({
    health: { breaker: "closed" },
    quarantined: [
      {
        tool: "echo",
        changes: [
          { path: "description", before: '"The tool echo."', after: '"Echoes, and more."' },
        ],
      },
    ],
  });
  const accepted = await must("connect_mcp", { workspace, alias: "up", accept: ["echo"] });
  expect(accepted.data["quarantined"]).toBeUndefined();
  expect(accepted.data["tools"]).toContain("up__echo");
});

it("limits and overrides of a link are checked and used", async () => {
  const { call, must, workspace, url } = await governed("gov-shape");
  const linked = await must("connect_mcp", {
    workspace,
    alias: "up",
    url,
    overrides: { echo: { name: "say" } },
    limits: { timeout_ms: 5000, concurrent: 3 },
  });
  expect(linked.data["tools"]).toContain("up__say");
  const wrong = await call("connect_mcp", { workspace, alias: "up", url, limits: { timeout: 1 } });
  expect(wrong).toMatchObject({ isError: true, data: { error: { code: "link.shape" } } });
});
