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
});
