import { ensureBuild } from "#edge/local/build";

/** vitest's globalSetup of the process tests: one build for all of them, of the sources as they are. */
export async function setup(): Promise<void> {
  if (process.env["AEROSTACK_BUILD"] !== "if-missing") await ensureBuild();
  process.env["AEROSTACK_BUILD"] = "if-missing";
}
