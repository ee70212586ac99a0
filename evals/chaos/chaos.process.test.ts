import { expect, it } from "vitest";
import { runChaos } from "./chaos.ts";

it("five kills at random moments break no promise of the engine (the short form of npm run chaos)", async () => {
  const { broken, kills, endedIn } = await runChaos({
    seed: 20,
    kills: 5,
    runs: 40,
    isLong: false,
  });
  expect(broken).toEqual([]);
  expect(kills.workerd + kills.group).toBe(5);
  expect(endedIn).toBeDefined();
});
