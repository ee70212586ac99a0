import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { workflowSchema } from "#blueprints/blueprint";
import { unwrap } from "#blueprints/outcome";
import { createWorkspace, workspaceStub } from "#edge/gateway/directory";
import { createId } from "#edge/id";
import { startService } from "#edge/local/server.fixture";
import { ModelServer } from "#edge/models/model-server.fixture";
import type { Services } from "#edge/services";
import { runStub } from "#edge/workflow/start";
import { hasBrowser, launchBrowser } from "../browser.fixture.ts";
import { createHarness } from "../harness.fixture.ts";
import { expectAccessible, phone, picture } from "../page-audit.fixture.ts";

/** A run as a person sees it: a real browser, the real server, from the start to the end. */

const firstKey = "ak_" + "r".repeat(43);
/** Ends what the first call of a model waits for. */
const looked = Promise.withResolvers<void>();
const models = new ModelServer((_asked, index) =>
  index === 0
    ? { text: "Fine.", inputTokens: 1000, outputTokens: 200, after: looked.promise }
    : { text: "Fine, too.", uncounted: true },
);
const world = await startService((request, response) => {
  void (async () => {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const answer = await models.answer(`http://models${request.url}`, text);
    response.setHeader("content-type", answer.headers.get("content-type") ?? "text/plain");
    response.end(await answer.text());
  })();
});
const server = await createHarness(firstKey, {
  ANTHROPIC_API_KEY: "key-of-nobody",
  ANTHROPIC_BASE_URL: `http://${world.host}/v1`,
  OPENAI_COMPATIBLE_URL: `http://${world.host}/v1`,
});
/** For machines that have other work too. */
const patient = { timeout: 30_000 };
let browser: Browser;
let services: Services;
let workspaceId: string;
let token: string;

beforeAll(async () => {
  if (!hasBrowser) return;
  const listening = await server.listen();
  ({ services } = listening);
  const made = await createWorkspace(services, listening.actor, { slug: "sales", name: "Sales" });
  workspaceId = made.id;
  const request = { member: "maria@example.com", role: "developer" } as const;
  token = unwrap(await workspaceStub(services.env, workspaceId).issueToken(request)).token;
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await server.close();
  world.stop();
});

const refunding = workflowSchema.parse({
  name: "refund",
  nodes: [
    { id: "start", type: "trigger" },
    { id: "each_item", type: "loop", title: "Each item", config: { items: "{{ input.items }}" } },
    { id: "add", type: "action", config: { set: { name: "sum", value: "{{ item }}" } } },
    { id: "large", type: "logic", config: { cases: [{ port: "large", when: "vars.sum > 2" }] } },
    {
      id: "review",
      type: "human_review",
      title: "Refund it?",
      config: { title: "Refund it?", timeout_minutes: 60 },
    },
    { id: "small", type: "action", config: { set: { name: "kind", value: "small" } } },
    {
      id: "pay",
      type: "code_block",
      config: { code: "export default (input) => { console.log('paid'); return { paid: true }; }" },
    },
    {
      id: "refuse",
      type: "code_block",
      config: { code: "export default () => { throw new Error('The bank said <no>.'); }" },
    },
  ],
  edges: [
    { from: "start", to: "each_item" },
    { from: "each_item", port: "each", to: "add" },
    { from: "each_item", port: "done", to: "large" },
    { from: "large", port: "large", to: "review" },
    { from: "large", port: "else", to: "small" },
    { from: "review", port: "approved", to: "pay" },
    { from: "review", port: "rejected", to: "refuse" },
  ],
  output: { sum: "{{ vars.sum }}" },
});

const thinking = workflowSchema.parse({
  name: "refund",
  nodes: [
    { id: "start", type: "trigger" },
    {
      id: "known",
      type: "llm_call",
      config: { model: "anthropic:claude-haiku-4-5", prompt: "How is it?" },
    },
    {
      id: "unknown",
      type: "llm_call",
      config: { model: "openai-compatible:tiny", prompt: "And else?" },
    },
  ],
  edges: [
    { from: "start", to: "known" },
    { from: "known", to: "unknown" },
  ],
});

/** A run that waits for a decision. */
async function start(): Promise<string> {
  const id = await begin(refunding);
  expect(unwrap(await runStub(services.env, id).result(10_000)).status).toBe("waiting");
  return id;
}

async function begin(workflow: typeof refunding): Promise<string> {
  const id = createId("run", Date.now());
  const run = runStub(services.env, id);
  unwrap(
    await run.start({
      id,
      workspaceId,
      name: "refund",
      version: 3,
      document: { workflow, functions: {}, egress: [], secrets: [] },
      trigger: "manual",
      input: { items: [1, 2, 3] },
      mode: "live",
      baseUrl: services.baseUrl,
      startedBy: "@operator",
    }),
  );
  return id;
}

async function decide(id: string, decision: "approved" | "rejected"): Promise<void> {
  const by = { kind: "member", member: "maria@example.com", role: "developer" } as const;
  unwrap(await runStub(services.env, id).signal("review", undefined, { decision }, by));
}

async function signIn(page: Page, id: string): Promise<void> {
  await page.goto(`${services.baseUrl}/runs/${id}`);
  await page.getByRole("heading", { name: "Sign in to see this run" }).waitFor();
  await expectAccessible(page);
  await page.getByLabel("Your workspace token or account key").fill(token);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "refund" }).waitFor();
}

/** What a screen reader says of the nodes of the graph. */
async function nodesOf(page: Page): Promise<string[]> {
  return page.locator("#graph .node > title").allTextContents();
}

/** Ways that are drawn as taken. */
const takenWays = (page: Page) => page.locator("#graph .edge.taken").count();

describe.skipIf(!hasBrowser)("the page of a run in a browser", () => {
  it.each(["dark", "light"] as const)(
    "shows the way so far, goes on by itself when the run does, and shows its end, in the %s",
    async (scheme) => {
      const context = await phone(browser, scheme);
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on("console", (message) => complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(error.message));
      const id = await start();
      await signIn(page, id);
      expect(await page.getByRole("status").textContent()).toBe("Waiting at “review”");
      expect(await nodesOf(page)).toEqual([
        "start, trigger: succeeded",
        "Each item, loop: succeeded",
        "add, action: 3 succeeded",
        "large, logic: succeeded",
        "Refund it?, human_review: waiting",
        "small, action: not reached",
        "pay, code_block: not reached",
        "refuse, code_block: not reached",
      ]);
      expect(await takenWays(page)).toBe(4);
      await page.getByText("each: 3 passes").waitFor();
      await expectAccessible(page);
      await picture(page, `run-waiting-${scheme}`);

      // With the keyboard from the graph to the step, which opens.
      await page.getByRole("link", { name: "Refund it?, human_review: waiting" }).press("Enter");
      await page.getByRole("link", { name: "Open what it waits for" }).waitFor();
      const marked = "window.marked = document.getElementById('run')";
      await page.evaluate(marked);
      await expectAccessible(page);

      await decide(id, "approved");
      await expect
        .poll(() => page.getByRole("status").textContent(), patient)
        .toMatch(/^Succeeded after/);
      expect(await nodesOf(page)).toContain("pay, code_block: succeeded");
      expect(await takenWays(page)).toBe(5);
      // It is the same page, and what was open still is.
      expect(await page.evaluate("window.marked === document.getElementById('run')")).toBe(true);
      expect(await page.title()).toContain("refund: succeeded");
      const review = page.locator("#open-review");
      expect(await review.getAttribute("open")).not.toBeNull();
      await page.locator("#open-pay > summary").press("Enter");
      await page.locator("#open-pay").getByText("paid", { exact: true }).waitFor();
      await expectAccessible(page);
      await picture(page, `run-succeeded-${scheme}`);
      expect(complaints.filter((one) => !one.includes("status of 401"))).toEqual([]);
      await context.close();
    },
  );

  it("shows what failed, and what to do; on a wide screen too", async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    const id = await start();
    await signIn(page, id);
    await decide(id, "rejected");
    await expect
      .poll(() => page.getByRole("status").textContent(), patient)
      .toMatch(/^Failed after/);
    expect(await nodesOf(page)).toContain("refuse, code_block: failed");
    await page.locator("#head").getByText("The bank said <no>.").waitFor();
    await page.getByRole("link", { name: "Show the step “refuse”" }).press("Enter");
    await expect
      .poll(() => page.locator("#open-refuse").getAttribute("open"), patient)
      .not.toBeNull();
    await expectAccessible(page);
    await picture(page, "run-failed");
    await context.close();
  });

  it("shows each call of a model as a bar of its own, as soon as it is over", async () => {
    const context = await phone(browser, "dark");
    const page = await context.newPage();
    const id = await begin(thinking);
    await signIn(page, id);
    await expect.poll(() => models.asked.length, patient).toBe(1);
    await page.locator("#open-known > summary").press("Enter");
    expect(await page.locator("#steps rect.model").count()).toBe(0);
    looked.resolve();
    await expect.poll(() => page.getByRole("status").textContent(), patient).toMatch(/^Succeeded/);
    await page.locator("#open-unknown > summary").press("Enter");
    for (const step of ["known", "unknown"]) {
      const bar = page.locator(`#open-${step} > summary > .bar`);
      const outer = await bar.locator("rect").first().boundingBox();
      const inner = await bar.locator("rect.model").boundingBox();
      expect(inner?.x).toBeGreaterThanOrEqual(outer?.x ?? Infinity);
      expect(inner?.height).toBeGreaterThan(0);
    }
    const callsOf = (step: string) => page.locator(`#step-${step} li:has(rect.model)`);
    expect(await callsOf("known").allTextContents()).toEqual([
      expect.stringMatching(/^anthropic:claude-haiku-4-5 1,000 tokens in, 200 out, \$0.002, \d/),
    ]);
    expect(await callsOf("unknown").allTextContents()).toEqual([
      expect.stringMatching(/^openai-compatible:tiny \d+ tokens in, \d+ out, estimated, \d/),
    ]);
    await page
      .locator("#facts")
      .getByText(/^2 calls: .*, estimated$/)
      .waitFor();
    await expectAccessible(page);
    await picture(page, "run-models");
    await context.close();
  });

  it("goes on where it was when the stream was away", async () => {
    const context = await phone(browser, "light");
    const page = await context.newPage();
    const id = await start();
    let tries = 0;
    await page.route("**/events?*", (route) => {
      tries += 1;
      return tries === 1 ? route.fulfill({ status: 503 }) : route.continue();
    });
    await signIn(page, id);
    await expect.poll(() => tries, patient).toBe(2);
    await decide(id, "approved");
    await expect.poll(() => page.getByRole("status").textContent(), patient).toMatch(/^Succeeded/);
    await context.close();
  });

  it("shows how things stand without a script", async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    const id = await start();
    await signIn(page, id);
    expect(await page.getByRole("status").textContent()).toBe("Waiting at “review”");
    await page.locator("[id='open-each_item[2]/add'] > summary").click();
    await page.locator("[id='step-each_item[2]/add']").waitFor();
    await decide(id, "approved");
    unwrap(await runStub(services.env, id).result(10_000));
    await page.reload();
    expect(await page.getByRole("status").textContent()).toMatch(/^Succeeded after/);
    await context.close();
  });
});
