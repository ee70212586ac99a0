import { expect, it } from "vitest";
import { readRaw } from "./body.ts";

/** A body of `megabytes`, and how much of it was taken. */
function sending(megabytes: number) {
  const taken = { megabytes: 0 };
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (taken.megabytes === megabytes) return controller.close();
      taken.megabytes += 1;
      controller.enqueue(new Uint8Array(1_000_000));
    },
  });
  return { taken, request: new Request("https://aerostack.test/e", { method: "POST", body }) };
}

it("a body that is too large is refused after its end, so that the sender hears why", async () => {
  const { taken, request } = sending(12);
  await expect(readRaw(request)).rejects.toMatchObject({
    code: "http.body-too-large",
    status: 413,
  });
  expect(taken.megabytes).toBe(12);
});

it("a body without end is not read for ever", async () => {
  const { taken, request } = sending(1_000);
  await expect(readRaw(request)).rejects.toMatchObject({ code: "http.body-too-large" });
  expect(taken.megabytes).toBeLessThan(50);
});
