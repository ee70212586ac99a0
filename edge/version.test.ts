import { expect, it } from "vitest";
import { version } from "./version.ts";

const files = import.meta.glob<{ version: string }>("../package.json", {
  eager: true,
  import: "default",
});

it("the version that servers tell is the package's", () => {
  expect(Object.values(files)).toMatchObject([{ version }]);
});
