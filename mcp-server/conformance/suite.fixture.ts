import { execFile } from "node:child_process";
import path from "node:path";
import { projectFolder } from "#edge/local/build";

const suite = path.join(
  projectFolder,
  "node_modules/@modelcontextprotocol/conformance/dist/index.js",
);

export type Revision = "2025-11-25" | "2026-07-28";

export interface SuiteResult {
  /** 0: everything passed, or failed as the baseline says; 1 also for a baseline entry that passes. */
  readonly exitCode: number;
  readonly output: string;
}

/** Runs what a protocol revision requires of a server. */
export function runSuite(url: string, revision: Revision, baseline: string): Promise<SuiteResult> {
  return run(["server", "--url", url, "--timeout", "5000"], revision, baseline);
}

/** Runs what a protocol revision requires of a client, which the driver is asked to be. */
export function runClientSuite(
  driver: string,
  revision: Revision,
  baseline: string,
): Promise<SuiteResult> {
  const program = path.join(import.meta.dirname, "ask-driver.fixture.ts");
  const command = `${process.execPath} ${program} ${driver}`;
  // All scenarios run at once.
  return run(["client", "--command", command, "--timeout", "120000"], revision, baseline);
}

function run(what: readonly string[], revision: Revision, baseline: string): Promise<SuiteResult> {
  const expected = path.join(import.meta.dirname, baseline);
  const options = ["--requirements", revision, "--expected-failures", expected];
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [suite, ...what, ...options],
      { maxBuffer: 50_000_000, env: { ...process.env, NO_COLOR: "1" } },
      (error, stdout, stderr) => {
        const exitCode = error ? Number(error.code ?? 1) : 0;
        resolve({ exitCode, output: `${stdout}\n${stderr}` });
      },
    );
  });
}
