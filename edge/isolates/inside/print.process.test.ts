import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { insideFile, printInside } from "#edge/isolates/inside/print";

it("what runs inside isolates is what inside.generated.ts says (else: npm run generate)", () => {
  expect(readFileSync(insideFile, "utf8")).toBe(printInside());
});
