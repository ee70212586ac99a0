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
  const expected = path.join(import.meta.dirname, baseline);
  const options = [
    "--requirements",
    revision,
    "--expected-failures",
    expected,
    "--timeout",
    "5000",
  ];
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [suite, "server", "--url", url, ...options],
      { maxBuffer: 50_000_000, env: { ...process.env, NO_COLOR: "1" } },
      (error, stdout, stderr) => {
        const exitCode = error ? Number(error.code ?? 1) : 0;
        resolve({ exitCode, output: `${stdout}\n${stderr}` });
      },
    );
  });
}
