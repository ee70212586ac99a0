import path from "node:path";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import type { Reporter, TestModule } from "vitest/node";

const migrations = path.join(import.meta.dirname, "edge/db/migrations/platform");

/** Ends `npm test` with one line that a person and a program can read. */
class CountsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      let failedTests = 0;
      for (const test of module.children.allTests()) {
        const state = test.result().state;
        if (state === "passed") counts.passed++;
        else if (state === "failed") failedTests++;
        else counts.skipped++;
      }
      // A file that could not be loaded has no tests of its own, and is a failure all the same.
      counts.failed += failedTests === 0 && module.state() === "failed" ? 1 : failedTests;
    }
    process.stdout.write(
      `\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`,
    );
  }
}

/** Tests inside workerd, with the platform's own Worker and bindings. */
const platform = () =>
  cloudflareTest(async () => ({
    main: "./mcp-server/worker.ts",
    wrangler: { configPath: "./wrangler.toml" },
    miniflare: {
      bindings: {
        TEST_MIGRATIONS: await readD1Migrations(migrations),
        AEROSTACK_MASTER_KEYS: JSON.stringify({
          current: "k1",
          keys: { k1: "A".repeat(43) + "=" },
        }),
        AEROSTACK_ALLOW_HOSTS: "127.0.0.1:*,localhost:*",
        ANTHROPIC_API_KEY: "key-of-nobody",
        OPENAI_API_KEY: "key-of-nobody",
        GOOGLE_GENERATIVE_AI_API_KEY: "key-of-nobody",
        OPENAI_COMPATIBLE_URL: "https://models.test/v1",
      },
    },
  }));
/** Milliseconds; far more than any of these tests takes, for machines that have other work too. */
const testTimeout = 30_000;
const platformTests = {
  testTimeout,
  exclude: ["**/*.process.test.ts", "edge/local/**", "node_modules/**"],
  setupFiles: ["./edge/db/test-setup.ts"],
};

/**
 * Four projects: `node` for the pure folders, `workerd` for what runs on the platform (all files in
 * one workerd: loading the Worker anew for each would take most of the time), `alone` for the few of
 * them that need a platform nobody has used, `process` for real processes (servers, kills,
 * conformance), one file at a time.
 */
export default defineConfig({
  test: {
    reporters: ["default", new CountsReporter()],
    projects: [
      {
        test: {
          name: "node",
          testTimeout,
          include: [
            "*.test.ts",
            "{blueprints,registry-adapters,planner}/**/*.test.ts",
            "evals/**/*.test.ts",
          ],
          exclude: ["**/*.process.test.ts", "node_modules/**"],
        },
      },
      {
        plugins: [platform()],
        test: {
          ...platformTests,
          name: "workerd",
          include: ["{edge,mcp-server}/**/*.test.{ts,tsx}"],
          exclude: [...platformTests.exclude, "**/*.alone.test.ts"],
          isolate: false,
        },
      },
      {
        plugins: [platform()],
        test: { ...platformTests, name: "alone", include: ["**/*.alone.test.ts"] },
      },
      {
        test: {
          name: "process",
          include: ["**/*.process.test.ts", "edge/local/**/*.test.ts"],
          exclude: ["node_modules/**"],
          globalSetup: ["./edge/local/build-once.ts"],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
