import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { ensureBuild, workerFile } from "#edge/local/build";

it("keeps the Worker's bundle under 1.5 MB gzipped", async () => {
  await ensureBuild();
  expect(gzipSync(readFileSync(workerFile)).length).toBeLessThan(1_500_000);
});
