import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { workflowSchema } from "#blueprints/blueprint";
import { unwrap } from "#blueprints/outcome";
import { createWorkspace, workspaceStub } from "#edge/gateway/directory";
import { createId } from "#edge/id";
import type { Services } from "#edge/services";
import { runStub } from "#edge/workflow/start";
import { hasBrowser, launchBrowser } from "../pages/browser.fixture.ts";
import { createHarness } from "../pages/harness.fixture.ts";
import { showInHost } from "./host.fixture.ts";

/** The view as a person meets it: in a sandbox of a client, in a real browser, before the real server. */

const firstKey = "ak_" + "v".repeat(43);
const server = await createHarness(firstKey);
let browser: Browser;
let services: Services;
let workspaceId: string;

beforeAll(async () => {
  if (!hasBrowser) return;
  const { actor, ...listening } = await server.listen();
  ({ services } = listening);
  const made = await createWorkspace(services, actor, { slug: "desk", name: "Desk" });
  workspaceId = made.id;
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await server.close();
});

const form = {
  type: "object",
  properties: {
    receipt: { type: "integer", title: "Number of the receipt" },
    plan: { enum: ["basic", "large"], description: "What they pay for." },
    letter: { type: "boolean", title: "Send a letter" },
  },
  required: ["receipt"],
};

function workflowOf(config: object) {
  return workflowSchema.parse({
    name: "refund",
    nodes: [
      { id: "start", type: "trigger" },
      { id: "review", type: "human_review", config },
    ],
    edges: [{ from: "start", to: "review" }],
  });
}

/** A run that waits for a review; answers its id. */
async function waiting(startedBy: string, change: object = {}): Promise<string> {
  const id = createId("run", Date.now());
  const material = { customer: "{{ input.customer }}", amount: "{{ input.amount }}" };
  const config = { title: "Refund {{ input.amount }} EUR?", material, form, ...change };
  const workflow = workflowOf(config);
  const run = runStub(services.env, id);
  unwrap(
    await run.start({
      id,
      workspaceId,
      name: "refund",
      version: 1,
      document: { workflow, functions: {}, egress: [], secrets: [] },
      trigger: "manual",
      input: { customer: "Ada", amount: 120 },
      mode: "live",
      baseUrl: services.baseUrl,
      startedBy,
    }),
  );
  unwrap(await run.result(10_000));
  return id;
}

/** A run that asks rita for more than a decision. */
function ask(title: string, properties: object): Promise<string> {
  return waiting("ada", { title, reviewers: ["rita"], form: { type: "object", properties } });
}

async function resultOf(id: string) {
  return unwrap(await runStub(services.env, id).result(0));
}

/** The workspace has a workflow that may ask `reviewer`; answers a token of theirs. */
async function reviewerOf(reviewer: string): Promise<string> {
  const stub = workspaceStub(services.env, workspaceId);
  const workflow = workflowOf({ title: "Refund?", reviewers: [reviewer] });
  const definition = { workflow, functions: {}, egress: [], secrets: [] };
  unwrap(await stub.putLive([{ kind: "workflow", name: "refund", version: 1, definition }]));
  const request = { member: reviewer, role: "read-only" } as const;
  return unwrap(await stub.issueToken(request)).token;
}

function showRun(id: string) {
  const url = `${services.baseUrl}/mcp`;
  const input = { run_id: id };
  return showInHost(browser, { url, credential: firstKey, tool: "get_run", input });
}

describe.skipIf(!hasBrowser)("the view of a run, in a client", () => {
  it("shows what is asked, takes the form, and decides through the client's own call", async () => {
    const id = await waiting("ada");
    const host = await showRun(id);
    const { view } = host;
    await view.getByRole("heading", { name: "Refund 120 EUR?" }).waitFor();
    for (const text of ["Ada", "ada", "refund: waiting"]) {
      await view.getByText(text, { exact: true }).first().waitFor();
    }
    // What the form must know is asked for before anything is sent.
    await view.getByRole("button", { name: "Approve" }).click();
    expect(await host.sent()).toEqual([]);
    await view.getByLabel("Number of the receipt").fill("4711");
    await view.getByLabel("Number of the receipt").press("Enter");
    expect(await host.sent()).toEqual([]);
    await view.getByLabel("plan").selectOption("large");
    await view.getByLabel("Send a letter").check();
    await view.getByLabel("Comment").fill("Called her.");
    await view.getByRole("button", { name: "Approve" }).click();
    await view.getByText("Your decision is recorded: approved.").waitFor();
    const fields = { receipt: 4711, plan: "large", letter: true };
    const payload = { decision: "approved", comment: "Called her.", fields };
    expect(await host.sent()).toEqual([
      [
        "tools/call",
        {
          name: "control_run",
          arguments: { run_id: id, action: "answer", step: "review", payload },
        },
      ],
      ["ui/update-model-context", expect.objectContaining({ content: [expect.anything()] })],
    ]);
    expect(unwrap(await runStub(services.env, id).result(10_000))).toMatchObject({
      status: "succeeded",
      output: { decision: "approved", fields, decisions: [{ reviewer: "@operator" }] },
    });
    await view.getByRole("button", { name: "Look again" }).click();
    await view.getByRole("heading", { name: "refund: succeeded" }).waitFor();
    expect(host.complaints).toEqual([]);
    await host.close();
  });

  it("does not let who asked decide, keeps what was typed, and rejects without the form", async () => {
    const own = await showRun(await waiting("@operator"));
    await own.view.getByLabel("Number of the receipt").fill("4711");
    await own.view.getByRole("button", { name: "Approve" }).click();
    await own.view.getByText("@operator has started this run").waitFor();
    expect(await own.view.getByLabel("Number of the receipt").inputValue()).toBe("4711");
    await own.close();

    const id = await waiting("ada");
    const other = await showRun(id);
    const { view } = other;
    await view.getByRole("button", { name: "Reject" }).click();
    await view.getByText("Your decision is recorded: rejected.").waitFor();
    expect(unwrap(await runStub(services.env, id).result(10_000))).toMatchObject({
      output: { decision: "rejected", fields: {} },
    });
    await other.close();
  });

  it("shows a member what waits for them in their workspace, and they decide there", async () => {
    const credential = await reviewerOf("rita");
    const id = await waiting("ada", { reviewers: ["rita"] });
    const url = `${services.baseUrl}/ws/desk`;
    const shown = { url, credential, tool: "waiting_reviews", input: { run_id: id } };
    const host = await showInHost(browser, shown);
    const { view } = host;
    await view.getByRole("heading", { name: "Refund 120 EUR?" }).waitFor();
    await view.getByRole("button", { name: "Open its page" }).click();
    await view.getByLabel("Number of the receipt").fill("12");
    await view.getByRole("button", { name: "Approve" }).click();
    await view.getByText("Your decision is recorded: approved.").waitFor();
    const [link, decision] = await host.sent();
    expect(link).toEqual(["ui/open-link", { url: expect.stringContaining("/go/") }]);
    expect(decision).toMatchObject(["tools/call", { name: "decide_review" }]);
    expect(unwrap(await runStub(services.env, id).result(10_000))).toMatchObject({
      status: "succeeded",
      output: { fields: { receipt: 12 }, decisions: [{ reviewer: "rita" }] },
    });
    expect(host.complaints).toEqual([]);
    await host.close();

    const again = await showInHost(browser, shown);
    await again.view.getByText("No review waits for you.").waitFor();
    await again.close();
  });

  it("shows the usage of a workspace", async () => {
    const stub = workspaceStub(services.env, workspaceId);
    const { token } = unwrap(await stub.issueToken({ member: "caller", role: "developer" }));
    const skill = { description: "Greets.", instructions: "Say hello.", functions: [] };
    unwrap(await stub.putLive([{ kind: "skill", name: "greet", version: 1, definition: skill }]));
    const url = `${services.baseUrl}/ws/desk`;
    for (const name of ["skill__greet", "skill__greet", "skill__greet"]) {
      const message = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name } };
      const response = await fetch(url, {
        method: "POST",
        headers: {
          authorization: `Bearer ${token}`,
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
        },
        body: JSON.stringify(message),
      });
      expect(response.status).toBe(200);
      await response.text();
    }
    const input = { workspace: "desk", by: "member" };
    const shown = { url: `${services.baseUrl}/mcp`, credential: firstKey, tool: "usage", input };
    const host = await showInHost(browser, shown);
    const row = host.view.getByRole("row").filter({ hasText: "caller" });
    await row.waitFor();
    expect(await row.getByRole("cell").first().textContent()).toBe(" 3");
    await host.view.getByText("Tools, direct").waitFor();
    expect(host.complaints).toEqual([]);
    await host.close();
  });

  it("makes nothing but text of what others wrote, wherever it stands", async () => {
    const hostile = `</p><img src=x onerror="document.title='hacked'"><script>document.title='hacked'</script>`;
    const id = await waiting(hostile, {
      title: hostile.slice(0, 200),
      message: `${hostile}\n\n${hostile}`,
      material: { [hostile]: hostile, list: [hostile] },
      form: {
        type: "object",
        properties: { name: { title: hostile, description: hostile, enum: [hostile] } },
      },
    });
    const host = await showRun(id);
    const { view } = host;
    await view.getByRole("button", { name: "Approve" }).waitFor();
    expect(await view.getByText(hostile, { exact: true }).count()).toBeGreaterThanOrEqual(5);
    expect(await view.locator("img, script:not([type=module]), main script").count()).toBe(0);
    expect(await view.locator("html").evaluate("document.title")).toBe("Aerostack");
    expect(host.complaints).toEqual([]);
    expect((await resultOf(id)).status).toBe("waiting");
    await host.close();
  });

  it("lets no review reach into another one beside it", async () => {
    const credential = await reviewerOf("rita");
    const letter = { type: "string", default: "sold", maxLength: 9 };
    const within = (...names: string[]) =>
      names.reduceRight<object>((inner, name) => ({ properties: { [name]: inner } }), letter);
    await ask("Broken?", { broken: { type: "string", maxLength: -1 } });
    const honest = await ask("Honest?", { note: { type: "string" } });
    await ask("Reaching?", { reach: within("constructor", "prototype", "fields", "note") });
    const url = `${services.baseUrl}/ws/desk`;
    const shown = { url, credential, tool: "waiting_reviews", input: {} };
    // The list knows a run as soon as it has reported that it waits.
    let host = await showInHost(browser, shown);
    while ((await host.view.locator("h2").count()) < 3) {
      await host.close();
      host = await showInHost(browser, shown);
    }
    const { view } = host;
    const card = (title: string) =>
      view.locator("section").filter({ has: view.getByRole("heading", { name: title }) });
    await card("Broken?").getByText("cannot be shown here").waitFor();
    await card("Reaching?").getByRole("button", { name: "Approve" }).click();
    await expect.poll(async () => (await host.sent()).length).toBeGreaterThan(0);
    await card("Honest?").getByRole("button", { name: "Approve" }).click();
    await card("Honest?").getByText("Your decision is recorded: approved.").waitFor();
    const { output } = unwrap(await runStub(services.env, honest).result(10_000));
    expect(output).toMatchObject({ decision: "approved", fields: {} });
    expect((output as { fields: object }).fields).toEqual({});
    await host.close();
  });
});
