import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { drizzle } from "drizzle-orm/d1";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestHarness } from "wrangler";
import { unwrap } from "#blueprints/outcome";
import type { Env } from "#edge/env";
import { createWorkspace, workspaceStub } from "#edge/gateway/directory";
import { hashCredential } from "#edge/identity/credential";
import { authenticateKey } from "#edge/identity/keys";
import { createTicket, type TicketRequest } from "#edge/identity/tickets";
import type { Services } from "#edge/services";
import { hasBrowser, launchBrowser } from "./browser.fixture.ts";

/** The pages as a person meets them: a real browser, the real server, no mouse. */

const firstKey = "ak_" + "c".repeat(43);
const hook = "https://hooks.slack.test/services/T000/B000/very-secret-part";
const pictures = path.join(tmpdir(), "aerostack-pages");

const server = createTestHarness({
  root: path.join(import.meta.dirname, "../.."),
  workers: [
    {
      configPath: "wrangler.toml",
      secrets: {
        AEROSTACK_FIRST_KEY_HASH: await hashCredential(firstKey),
        AEROSTACK_MASTER_KEYS: JSON.stringify({
          current: "k1",
          keys: { k1: "A".repeat(43) + "=" },
        }),
      },
    },
  ],
});
let browser: Browser;
let services: Services;
let accountId: string;
let workspaceId: string;

beforeAll(async () => {
  if (!hasBrowser) return;
  mkdirSync(pictures, { recursive: true });
  const { url } = await server.listen();
  const worker = server.getWorker<Env>();
  await worker.applyD1Migrations("DB");
  const env = await worker.getEnv();
  const db = drizzle(env.DB);
  services = { env, db, baseUrl: url.origin, now: Date.now, waitUntil: () => undefined };
  const actor = await authenticateKey(services, firstKey);
  if (!actor) throw new Error("no operator");
  accountId = actor.accountId;
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

async function phone(colorScheme: "dark" | "light"): Promise<BrowserContext> {
  return browser.newContext({
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    colorScheme,
    isMobile: true,
    hasTouch: true,
  });
}

/** For people who look: the pictures of the last run. */
async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: path.join(pictures, `${name}.png`), fullPage: true });
}

interface Audit {
  /** Texts whose contrast with what is behind them is under WCAG AA (4.5, large ones 3). */
  readonly faint: string[];
  /** Fields that nothing labels. */
  readonly unlabelled: string[];
  /** Pixels that the page is wider than the screen. */
  readonly overflow: number;
  /** Lowest height of what one touches. */
  readonly smallestTarget: number;
  readonly headings: number;
  readonly landmarks: number;
  readonly lang: string;
}

/** Runs in the page, so it is written in the page's language. */
const audit = `(() => {
  const channels = (text) => text.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => {
    const [R, G, B] = [r, g, b].map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * R + 0.7152 * G + 0.0722 * B;
  };
  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const color = channels(getComputedStyle(one).backgroundColor);
      if (color.length < 4 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    const field = element.matches("input:not([type=hidden])");
    if (!own && !field) continue;
    const look = getComputedStyle(element);
    const colors = [look.color, ...(field ? [getComputedStyle(element, "::placeholder").color] : [])];
    const large = parseFloat(look.fontSize) >= 24 || (parseFloat(look.fontSize) >= 18.66 && +look.fontWeight >= 700);
    for (const color of colors) {
      const [a, b] = [luminance(channels(color)), luminance(behind(element))].sort((x, y) => y - x);
      const ratio = (a + 0.05) / (b + 0.05);
      if (ratio < (large ? 3 : 4.5)) faint.push(element.tagName + " " + ratio.toFixed(2) + " " + element.textContent.slice(0, 40));
    }
  }
  const fields = [...document.querySelectorAll("input:not([type=hidden])")];
  const targets = [...document.querySelectorAll("input:not([type=hidden]), button")];
  return {
    faint,
    unlabelled: fields.filter((field) => !field.labels.length).map((field) => field.name),
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    smallestTarget: Math.min(999, ...targets.map((one) => one.getBoundingClientRect().height)),
    headings: document.querySelectorAll("h1").length,
    landmarks: document.querySelectorAll("main").length,
    lang: document.documentElement.lang,
  };
})()`;

async function expectAccessible(page: Page): Promise<void> {
  const found = await page.evaluate<Audit>(audit);
  expect(found).toMatchObject({
    faint: [],
    unlabelled: [],
    overflow: 0,
    headings: 1,
    landmarks: 1,
    lang: "en",
  });
  expect(found.smallestTarget).toBeGreaterThanOrEqual(44);
}

describe.skipIf(!hasBrowser)("in a browser", () => {
  it.each(["dark", "light"] as const)(
    "a person enters a secret on a phone, with the keyboard alone, in the %s",
    async (scheme) => {
      const context = await phone(scheme);
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
    const page = await (await phone("light")).newPage();
    await page.goto(await linkForHook());
    const ground = "getComputedStyle(document.body).backgroundColor";
    const light = await page.evaluate<string>(ground);
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await page.evaluate<string>(ground)).not.toBe(light);
    await page.context().close();
  });

  it("a new member claims their token by keyboard; the key page and the first page read well", async () => {
    const context = await phone("dark");
    const page = await context.newPage();
    const token = "wt_" + "t".repeat(43);
    const payload = { token, member: "maria@example.com", role: "developer" as const };
    await page.goto(await linkFor({ purpose: "claim-token", payload }));
    await expectAccessible(page);
    await picture(page, "claim-token");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByText("it is not shown again").waitFor();
    expect(await page.locator(".copy").first().textContent()).toBe(token);
    await expectAccessible(page);
    await picture(page, "claimed-token");
    await page.goto(services.baseUrl);
    await expectAccessible(page);
    await picture(page, "home");
    await context.close();
  });

  it("no log line of the server holds what was entered", () => {
    expect(JSON.stringify(server.getLogs())).not.toContain("very-secret-part");
  });
});
