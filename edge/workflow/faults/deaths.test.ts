import { describe, expect, it } from "vitest";
import { minute, playClocked, type Table } from "#edge/workflow/clocked.fixture";
import { requestOf, set } from "#edge/workflow/run.fixture";

/** The process dies at one moment; the table of the room says what must hold then. */

const start = { type: "trigger" };
const day = 24 * 60 * minute;
const put = (name: string, more: object = {}) => ({
  type: "action",
  config: { method: "PUT", url: `https://${name}.test/` },
  ...more,
});
const review = (more: object = {}) => ({
  type: "human_review",
  config: { title: "Go on?", timeout_minutes: 29 * 24 * 60, ...more },
});
const maria = { kind: "member", member: "maria", role: "developer" } as const;
const quick = ["b3", "b7", "b19"];
const isQuick = (url: string) => quick.includes(new URL(url).hostname.split(".")[0] ?? "");
const never = new Promise<never>(() => undefined);

function approve(table: Table, step: string, decision = "approved"): void {
  table.run.receive({ step, name: undefined, payload: { decision }, by: maria });
}

const sentTo = (table: Table, host: string) =>
  table.sent.filter(({ url }) => new URL(url).hostname.startsWith(host));
const keysOf = (table: Table, host: string) =>
  sentTo(table, host).map(({ headers }) => headers.get("idempotency-key"));

describe("a step that kills the process", () => {
  it("fault 4: fails after six deaths in a row, and an error handler catches it", async () => {
    const run = requestOf(
      {
        start,
        gate: review(),
        poison: put("poison"),
        handler: {
          type: "error_handler",
          config: { covers: ["poison"], cases: [{ port: "bad", codes: ["step.crash-loop"] }] },
        },
        sorry: set("why", "{{ steps.handler.output.error.code }}"),
      },
      [
        ["start", "gate"],
        ["gate", "poison", "approved"],
        ["handler", "sorry", "bad"],
      ],
      { mode: "live" },
    );
    await playClocked(
      run,
      async (table) => {
        approve(table, "gate");
        await expect.poll(() => table.step("poison")?.status).toBe("running");
        for (let death = 1; death <= 5; death++) {
          table.die();
          expect(table.step("poison")?.status).toBe("running");
        }
        await table.restart();
        expect(table.run.state.status).toBe("succeeded");
        expect(table.step("sorry")?.output).toMatchObject({ value: "step.crash-loop" });
        expect(new Set(keysOf(table, "poison"))).toEqual(new Set([`${run.id}:poison`]));
      },
      () => never,
    );
  });
});

describe("a run that dies among its branches", () => {
  it("fault 9: with 3 of 20 done goes on with the 17 others, and joins once in their order", async () => {
    const names = Array.from({ length: 20 }, (_, index) => `b${index}`);
    const run = requestOf(
      {
        start,
        gate: review(),
        fan: { type: "parallel", config: { branches: names } },
        ...Object.fromEntries(names.map((name) => [`do_${name}`, put(name)])),
        after: put("after"),
      },
      [
        ["start", "gate"],
        ["gate", "fan", "approved"],
        ...names.map((name) => ["fan", `do_${name}`, name] as const),
        ["fan", "after", "joined"],
      ],
      { mode: "live" },
    );
    await playClocked(
      run,
      async (table) => {
        approve(table, "gate");
        const done = () =>
          names.filter((name) => table.step(`fan[${name}]/do_${name}`)?.status === "succeeded");
        await expect.poll(done).toEqual(quick);
        table.respond = () => Response.json({ ok: true });
        await table.restart();
        expect(table.run.state.status).toBe("succeeded");
        expect(table.step("fan")?.output).toMatchObject({ succeeded: names, errors: [] });
        for (const name of names) {
          expect(sentTo(table, `${name}.`)).toHaveLength(quick.includes(name) ? 1 : 2);
          expect(new Set(keysOf(table, `${name}.`)).size).toBe(1);
        }
        expect(sentTo(table, "after")).toHaveLength(1);
      },
      ({ url }) => (isQuick(url) ? Response.json({ ok: true }) : never),
    );
  });
});

describe("a run that waits for people", () => {
  it("fault 10: is there after days and evictions, with its variables, and repeats nothing", async () => {
    const run = requestOf(
      {
        start,
        before: put("before"),
        keep: set("kept", { deep: [1, "ü"] }),
        gate: review(),
        after: set("after", "{{ vars.kept }}"),
      },
      [
        ["start", "before"],
        ["before", "keep"],
        ["keep", "gate"],
        ["gate", "after", "approved"],
      ],
      { mode: "live" },
    );
    await playClocked(run, async (table) => {
      for (let days = 0; days < 20; days++) {
        await table.pass(day);
        await table.restart();
        expect(table.step("gate")?.status).toBe("waiting");
      }
      approve(table, "gate");
      await table.settled();
      expect(table.step("after")?.output).toMatchObject({ value: { deep: [1, "ü"] } });
      expect(sentTo(table, "before")).toHaveLength(1);
    });
  });

  it("fault 12: approval and rejection at once: the first counts, the other is told which", async () => {
    const run = requestOf({ start, gate: review() }, [["start", "gate"]], { mode: "live" });
    await playClocked(run, async (table) => {
      const name = "decision";
      const decide = (decision: string) =>
        table.run.receive({ step: "gate", name, payload: { decision }, by: maria });
      expect(decide("rejected")).toEqual({ status: "accepted" });
      expect(() => decide("approved")).toThrow(
        expect.objectContaining({
          code: "signal.already-answered",
          status: 409,
          details: { recorded: { decision: "rejected" } },
        }),
      );
      expect(decide("rejected")).toEqual({ status: "duplicate" });
      await table.settled();
      expect(table.step("gate")?.port).toBe("rejected");
    });
  });

  it("fault 14: in several branches and passes takes each answer for its own step, in any order", async () => {
    const run = requestOf(
      {
        start,
        fan: { type: "parallel", config: { branches: ["a", "b"] } },
        left: review(),
        each: { type: "loop", config: { items: ["x", "y"], concurrency: 2 } },
        inner: review(),
      },
      [
        ["start", "fan"],
        ["fan", "left", "a"],
        ["fan", "each", "b"],
        ["each", "inner", "each"],
      ],
      { mode: "live" },
    );
    const steps = ["fan[b]/each[1]/inner", "fan[a]/left", "fan[b]/each[0]/inner"];
    await playClocked(run, async (table) => {
      for (const [index, step] of steps.entries()) {
        approve(table, step, index === 0 ? "rejected" : "approved");
        await table.settled();
        await table.restart();
        for (const later of steps.slice(index + 1))
          expect(table.step(later)?.status).toBe("waiting");
      }
      expect(steps.map((step) => table.step(step)?.port)).toEqual([
        "rejected",
        "approved",
        "approved",
      ]);
      expect(table.run.state.status).toBe("succeeded");
    });
  });
});
