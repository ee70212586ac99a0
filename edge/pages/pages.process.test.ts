import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { workflowSchema } from "#blueprints/blueprint";
import { unwrap } from "#blueprints/outcome";
import { createWorkspace, workspaceStub } from "#edge/gateway/directory";
import { createId } from "#edge/id";
import { runStub } from "#edge/workflow/start";
import { createTicket, type TicketRequest } from "#edge/identity/tickets";
import type { Services } from "#edge/services";
import { hasBrowser, launchBrowser } from "./browser.fixture.ts";
import { createHarness } from "./harness.fixture.ts";
import { expectAccessible, phone, picture } from "./page-audit.fixture.ts";

/** The pages as a person meets them: a real browser, the real server, no mouse. */

const firstKey = "ak_" + "c".repeat(43);
const hook = "https://hooks.slack.test/services/T000/B000/very-secret-part";

const server = await createHarness(firstKey);
let browser: Browser;
let services: Services;
let accountId: string;
let workspaceId: string;

beforeAll(async () => {
  if (!hasBrowser) return;
  const { actor, ...listening } = await server.listen();
  ({ services } = listening);
  ({ accountId } = actor);
  const made = await createWorkspace(services, actor, { slug: "sales", name: "Sales" });
  workspaceId = made.id;
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await server.close();
});

async function linkFor(request: Pick<TicketRequest, "purpose" | "payload">): Promise<string> {
  const whole = { accountId, workspaceId, ...request } as TicketRequest;
  return (await createTicket(services, whole)).url;
}

async function linkForHook(): Promise<string> {
  const declaration = {
    name: "SLACK_WEBHOOK_URL",
    purpose: "Posts a message to #sales when a lead scores 80 or more.",
    kind: "url" as const,
    hosts: [],
  };
  unwrap(await workspaceStub(services.env, workspaceId).declareSecret(declaration));
  return linkFor({ purpose: "enter-secret", payload: { secret: declaration.name } });
}

/** A run that waits for a decision, and the token of a member who may make it. */
async function waitingReview(): Promise<{ id: string; link: string; token: string }> {
  const id = createId("run", Date.now());
  const review = {
    title: "Refund {{ input.amount }} EUR to {{ input.customer }}?",
    material: { customer: "{{ input.customer }}", amount: "{{ input.amount }}" },
    form: {
      type: "object",
      properties: { receipt: { type: "integer", title: "Number of the receipt" } },
      required: ["receipt"],
    },
  };
  const workflow = workflowSchema.parse({
    name: "refund",
    nodes: [
      { id: "start", type: "trigger" },
      { id: "review", type: "human_review", config: review },
    ],
    edges: [{ from: "start", to: "review" }],
  });
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
      startedBy: "@operator",
    }),
  );
  const link = unwrap(await run.result(10_000)).waits?.[0]?.link ?? "";
  const request = { member: "maria@example.com", role: "developer" } as const;
  const { token } = unwrap(await workspaceStub(services.env, workspaceId).issueToken(request));
  return { id, link, token };
}

describe.skipIf(!hasBrowser)("in a browser", () => {
  it.each(["dark", "light"] as const)(
    "a person enters a secret on a phone, with the keyboard alone, in the %s",
    async (scheme) => {
      const context = await phone(browser, scheme);
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on("console", (message) => complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(error.message));
      const link = await linkForHook();
      await page.goto(link);
      await expectAccessible(page);
      await picture(page, `enter-secret-${scheme}`);
      // The field has the focus already; a wrong value first.
      await page.keyboard.type("not an address");
      await page.keyboard.press("Enter");
      const alert = page.getByRole("alert");
      await alert.waitFor();
      expect(await alert.textContent()).toContain("https://");
      const field = page.getByLabel("Address (URL)");
      expect(await field.getAttribute("aria-invalid")).toBe("true");
      expect(await field.inputValue()).toBe("");
      await expectAccessible(page);
      await picture(page, `enter-secret-problem-${scheme}`);
      // Away and back with Tab, then through to the button.
      await page.keyboard.press("Shift+Tab");
      await page.keyboard.press("Tab");
      await page.keyboard.type(hook);
      await page.keyboard.press("Tab");
      expect(await page.evaluate("document.activeElement.textContent")).toBe("Save");
      expect(
        await page.evaluate<number>(
          "parseFloat(getComputedStyle(document.activeElement).outlineWidth)",
        ),
      ).toBeGreaterThanOrEqual(2);
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "SLACK_WEBHOOK_URL is saved" }).waitFor();
      expect(await page.content()).not.toContain("very-secret-part");
      await expectAccessible(page);
      await picture(page, `saved-${scheme}`);
      await page.goto(link);
      await page.getByRole("heading", { name: "This link does not work any more" }).waitFor();
      await expectAccessible(page);
      await picture(page, `gone-${scheme}`);
      const stub = workspaceStub(services.env, workspaceId);
      expect(unwrap(await stub.releaseUrl("SLACK_WEBHOOK_URL"))).toBe(hook);
      // The browser reports the statuses 400 and 410 themselves, and nothing about the policy.
      expect(
        complaints.filter((one) => !one.includes("the server responded with a status")),
      ).toEqual([]);
      await context.close();
    },
  );

  it("the page shows the dark to whoever wants it, and light otherwise", async () => {
    const page = await (await phone(browser, "light")).newPage();
    await page.goto(await linkForHook());
    const ground = "getComputedStyle(document.body).backgroundColor";
    const light = await page.evaluate<string>(ground);
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await page.evaluate<string>(ground)).not.toBe(light);
    await page.context().close();
  });

  it("the first page reads well", async () => {
    const context = await phone(browser, "dark");
    const page = await context.newPage();
    await page.goto(services.baseUrl);
    await expectAccessible(page);
    await picture(page, "home");
    await context.close();
  });

  it("a reviewer decides with the keyboard alone; the wrong token costs nothing that was typed", async () => {
    const context = await phone(browser, "dark");
    const page = await context.newPage();
    const { id, link, token } = await waitingReview();
    await page.goto(link);
    await page.getByRole("heading", { name: "Refund 120 EUR to Ada?" }).waitFor();
    await expectAccessible(page);
    await picture(page, "review");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    await page.keyboard.press("Tab");
    await page.keyboard.type("4711");
    await page.keyboard.press("Tab");
    await page.keyboard.type("Called her.");
    await page.keyboard.press("Tab");
    await page.keyboard.type("wt_wrong");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").waitFor();
    expect(await page.getByLabel("Comment").inputValue()).toBe("Called her.");
    expect(await page.getByLabel("Your workspace token").inputValue()).toBe("");
    await expectAccessible(page);
    await picture(page, "review-problem");
    await page.getByLabel("Your workspace token").focus();
    await page.keyboard.type(token);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Approved" }).waitFor();
    await expectAccessible(page);
    const { status, output } = unwrap(await runStub(services.env, id).result(10_000));
    expect({ status, output }).toMatchObject({
      status: "succeeded",
      output: { fields: { receipt: 4711 }, comment: "Called her." },
    });
    await page.goto(link);
    await page.getByRole("heading", { name: "This is decided already" }).waitFor();
    await context.close();
  });

  it("no log line of the server holds what was entered", () => {
    expect(server.logs()).not.toContain("very-secret-part");
  });
});
