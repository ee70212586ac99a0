import { describe, expect, it } from "vitest";
import { playClocked, type Table } from "#edge/workflow/clocked.fixture";
import { requestOf } from "#edge/workflow/run.fixture";

const start = { type: "trigger" };
const act = (name: string, more: object = {}) => ({
  type: "action",
  config: { method: "PUT", url: `https://${name}.test/` },
  ...more,
});

/** Two steps that can be undone, and a third that never comes to anything. */
const saga = (refund: object = {}) =>
  requestOf(
    {
      start,
      book: act("book"),
      charge: act("charge"),
      ship: act("ship"),
      handler: {
        type: "error_handler",
        config: {
          covers: ["book", "charge", "ship"],
          cases: [{ port: "down", codes: ["*"] }],
          undo: { book: "unbook", charge: "refund" },
        },
      },
      unbook: act("unbook"),
      refund: act("refund", refund),
      sorry: act("sorry"),
    },
    [
      ["start", "book"],
      ["book", "charge"],
      ["charge", "ship"],
      ["handler", "sorry", "down"],
    ],
    { mode: "live" },
  );

const hosts = ({ sent }: Table) => sent.map(({ url }) => new URL(url).hostname.split(".")[0]);

/** What the hosts answer; the others agree to everything. */
const answering = (statuses: Readonly<Record<string, number>>) => (request: Request) =>
  new Response("", { status: statuses[new URL(request.url).hostname.split(".")[0] ?? ""] ?? 200 });

describe("fault 27: a run that is cancelled", () => {
  it("during its clean-up finishes that, the last step first, each once", async () => {
    const run = saga({ retry: { attempts: 3, delay_ms: 60_000 } });
    await playClocked(
      run,
      async (table) => {
        expect(hosts(table)).toEqual(["book", "charge", "ship", "refund"]);
        table.run.cancel("Enough.");
        table.run.cancel("Twice.");
        await table.restart();
        table.respond = answering({});
        await table.pass(60_000);
        expect(table.run.state.status).toBe("cancelled");
        expect(hosts(table).slice(4)).toEqual(["refund", "unbook"]);
        const keys = table.sent.map(({ headers }) => headers.get("idempotency-key"));
        expect(keys[4]).toBe(keys[3]);
      },
      answering({ ship: 400, refund: 503 }),
    );
  });

  it("while a step acts discards what comes of it, also after a death, and starts nothing more", async () => {
    const answer = Promise.withResolvers<Response>();
    const run = requestOf(
      {
        start,
        first: act("first", { retry: { attempts: 2, delay_ms: 60_000 } }),
        next: act("next"),
      },
      [
        ["start", "first"],
        ["first", "next"],
      ],
      { mode: "live" },
    );
    await playClocked(
      run,
      async (table) => {
        table.respond = () => answer.promise;
        table.now += 60_000;
        table.run.fireTimers();
        expect(table.step("first")?.status).toBe("running");
        table.run.cancel("Enough.");
        answer.resolve(Response.json({ late: true }));
        await table.restart();
        expect(table.run.state.status).toBe("cancelled");
        expect(table.step("first")).toMatchObject({ status: "cancelled" });
        expect(hosts(table)).not.toContain("next");
      },
      answering({ first: 503 }),
    );
  });
});

const retried = (delay_ms: number) => ({
  retry: { attempts: 2, delay_ms, max_delay_ms: delay_ms },
});

/** Three steps at once, of which the one that begins first ends last, and what comes after them. */
const together = (after: { type: string; config: object }) => {
  return requestOf(
    {
      start,
      first: act("first", retried(20 * 60_000)),
      second: act("second"),
      third: act("third", retried(10 * 60_000)),
      after,
      handler: {
        type: "error_handler",
        config: {
          covers: ["first", "second", "third", "after"],
          cases: [{ port: "down", codes: ["*"] }],
          undo: { first: "unfirst", second: "unsecond", third: "unthird" },
        },
      },
      unfirst: act("unfirst"),
      unsecond: act("unsecond"),
      unthird: act("unthird"),
      sorry: act("sorry"),
    },
    [
      ["start", "first"],
      ["start", "second"],
      ["start", "third"],
      ["first", "after"],
      ["second", "after"],
      ["third", "after"],
      ["handler", "sorry", "down"],
    ],
    { mode: "live" },
  );
};

/** Lets `third` and then `first` come right at their second attempt. */
async function finishTogether(table: Table, statuses: Record<string, number> = {}) {
  expect(hosts(table)).toEqual(["first", "second", "third"]);
  table.respond = answering(statuses);
  for (let minute = 0; minute < 20; minute += 1) await table.pass(60_000);
  expect(hosts(table).slice(3, 5)).toEqual(["third", "first"]);
}

/** Neither as they began nor the other way round: as they ended, the last one first. */
const backwards = ["unfirst", "unthird", "unsecond"];

describe("what ran at once is undone in the reverse order of its ends", () => {
  const busyAtFirst = answering({ first: 503, third: 503 });

  it("when the run is cancelled, also over deaths in between", async () => {
    const waits = { type: "human_review", config: { title: "Go on?" } };
    await playClocked(
      together(waits),
      async (table) => {
        await finishTogether(table);
        table.run.cancel("Enough.");
        await table.settled();
        await table.restart();
        expect(hosts(table).slice(5)).toEqual(backwards);
        expect(table.run.state.status).toBe("cancelled");
      },
      busyAtFirst,
    );
  });

  it("when an error is caught", async () => {
    await playClocked(
      together(act("after")),
      async (table) => {
        await finishTogether(table, { after: 400 });
        expect(hosts(table).slice(5)).toEqual(["after", ...backwards, "sorry"]);
        expect(table.step("handler")?.output).toMatchObject({
          undone: ["first", "third", "second"],
        });
      },
      busyAtFirst,
    );
  });
});

describe("an error handler that fails itself", () => {
  it("undoes the rest, names what it could not, and goes its way", async () => {
    await playClocked(
      saga(),
      async (table) => {
        expect(hosts(table)).toEqual(["book", "charge", "ship", "refund", "unbook", "sorry"]);
        expect(table.step("handler")?.output).toMatchObject({
          error: { step: "ship" },
          undone: ["book"],
          not_undone: [{ step: "charge", code: "http.unexpected-status" }],
        });
        expect(table.run.state.status).toBe("succeeded");
      },
      answering({ ship: 400, refund: 400 }),
    );
  });

  it("does not catch what fails after it: the run ends with that", async () => {
    await playClocked(
      saga(),
      async (table) => {
        expect(table.run.state.error).toMatchObject({
          code: "http.unexpected-status",
          step: "sorry",
        });
        expect(hosts(table).filter((host) => host === "refund")).toHaveLength(1);
      },
      answering({ ship: 400, sorry: 400 }),
    );
  });

  it("begins once all that it covers has ended, so that nothing new can fail behind it", async () => {
    const run = requestOf(
      {
        start,
        ship: act("ship"),
        bill: act("bill", { retry: { attempts: 2, delay_ms: 60_000 } }),
        handler: {
          type: "error_handler",
          config: { covers: ["ship", "bill"], cases: [{ port: "down", codes: ["*"] }] },
        },
        sorry: act("sorry"),
      },
      [
        ["start", "ship"],
        ["start", "bill"],
        ["handler", "sorry", "down"],
      ],
      { mode: "live" },
    );
    await playClocked(
      run,
      async (table) => {
        expect(hosts(table)).toEqual(["ship", "bill"]);
        expect(table.step("handler")).toBeUndefined();
        expect(table.run.state.status).toBe("running");
        await table.restart();
        expect(table.step("handler")).toBeUndefined();
        await table.pass(60_000);
        // Both have failed, and it has caught once: what failed first.
        expect(hosts(table)).toEqual(["ship", "bill", "bill", "sorry"]);
        expect(table.step("handler")).toMatchObject({
          attempts: 1,
          output: { error: { step: "ship" } },
        });
        expect(table.run.state.status).toBe("succeeded");
      },
      answering({ ship: 400, bill: 503 }),
    );
  });
});
