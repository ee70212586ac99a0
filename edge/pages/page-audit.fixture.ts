import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { expect } from "vitest";

const pictures = path.join(tmpdir(), "aerostack-pages");

/** A person's telephone. */
export async function phone(
  browser: Browser,
  colorScheme: "dark" | "light",
): Promise<BrowserContext> {
  return browser.newContext({
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    colorScheme,
    isMobile: true,
    hasTouch: true,
  });
}

/** For people who look: the pictures of the last run. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true });
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
    const field = element.matches("input:not([type=hidden]), select, textarea");
    if (!element.checkVisibility()) continue;
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
  const fields = [...document.querySelectorAll("input:not([type=hidden]), select, textarea")];
  // The words beside a box or a dot belong to what one touches.
  const targets = [...fields.map((field) => field.closest("label") ?? field), ...document.querySelectorAll("summary, a.button, button")]
    .filter((one) => one.checkVisibility());
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

/** No fault that a program can find, in what the page shows now. */
export async function expectAccessible(page: Page): Promise<void> {
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
