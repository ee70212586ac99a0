import chromium from "@sparticuz/chromium";
import { type Browser, chromium as launcher } from "playwright-core";

/** The bundled browser is built for Linux on x64; elsewhere `CHROMIUM_PATH` names one. */
export const hasBrowser =
  process.env["CHROMIUM_PATH"] !== undefined ||
  (process.platform === "linux" && process.arch === "x64");

/** A headless Chromium that needs nothing installed but the npm packages and the system's NSS. */
export async function launchBrowser(): Promise<Browser> {
  return launcher.launch({
    executablePath: process.env["CHROMIUM_PATH"] ?? (await chromium.executablePath()),
    // With one process for everything, the end of the first context would be the end of all.
    args: chromium.args.filter((argument) => argument !== "--single-process"),
  });
}
