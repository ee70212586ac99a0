import { exports } from "cloudflare:workers";
import { expect, it } from "vitest";

it("answers /healthz and says what is not there", async () => {
  const healthy = await exports.default.fetch("https://aerostack.test/healthz");
  expect(await healthy.json()).toEqual({ status: "ok" });
  const missing = await exports.default.fetch("https://aerostack.test/nothing");
  expect(missing.status).toBe(404);
  expect(await missing.json()).toMatchObject({ error: { code: "http.not-found" } });
});
