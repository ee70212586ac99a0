import { describe, expect, it } from "vitest";
import { humanReview } from "#edge/nodes/human_review";
import type { Answerer } from "#edge/workflow/answerer";
import { minute, playClocked, type Table } from "#edge/workflow/clocked.fixture";
import { env, requestOf } from "#edge/workflow/run.fixture";
import type { RunRequest } from "#edge/workflow/run-api";
import { executeRun } from "#edge/workflow/start";

const maria: Answerer = { kind: "member", member: "maria", role: "developer" };
const otto: Answerer = { kind: "member", member: "otto", role: "admin" };
const reader: Answerer = { kind: "member", member: "rita", role: "read-only" };
const owner: Answerer = { kind: "account", name: "acme" };

function reviewOf(config: object, startedBy = "agent") {
  return requestOf(
    {
      start: { type: "trigger" },
      review: { type: "human_review", config: { title: "Pay?", ...config } },
      paid: { type: "action", config: { set: { name: "paid", value: true } } },
    },
    [
      ["start", "review"],
      ["review", "paid", "approved"],
    ],
    { mode: "live", startedBy },
  );
}

function decide(table: Table, by: Answerer | undefined, payload: object, name?: string) {
  return table.run.receive({ step: "review", name, payload, by });
}
const yes = { decision: "approved" };
const no = { decision: "rejected" };
const refusal = (code: string, status = 403) => expect.objectContaining({ code, status });

describe("who may decide", () => {
  it("anyone who may start workflows, but never who started this run", async () => {
    await playClocked(reviewOf({}, "maria"), async (table) => {
      expect(() => decide(table, maria, yes)).toThrow(refusal("review.own-request"));
      expect(() => decide(table, reader, yes)).toThrow(refusal("review.not-reviewer"));
      expect(() => decide(table, undefined, yes)).toThrow(refusal("review.needs-person"));
      expect(table.step("review")?.status).toBe("waiting");
      decide(table, otto, yes);
      await table.settled();
      expect(table.step("review")).toMatchObject({
        port: "approved",
        output: { decisions: [{ reviewer: "otto", at: new Date(table.now).toISOString() }] },
      });
      expect(table.step("paid")?.status).toBe("succeeded");
    });
  });

  it("those that the list names, by member, role or account, and nobody named like them", async () => {
    const reviewers = ["rita", "role:admin", "@acme"];
    await playClocked(reviewOf({ reviewers, approvals: 3 }), async (table) => {
      expect(() => decide(table, maria, yes)).toThrow(refusal("review.not-reviewer"));
      for (const member of ["@acme", "role:admin", "RITA"]) {
        const fake: Answerer = { kind: "member", member, role: "developer" };
        expect(() => decide(table, fake, yes)).toThrow(refusal("review.not-reviewer"));
      }
      for (const by of [reader, otto, owner]) {
        decide(table, by, yes);
        await table.settled();
      }
      expect(table.step("review")?.port).toBe("approved");
    });
  });

  it("the owner whom a client signed in by key is the account, not the role that was chosen", async () => {
    const signedIn: Answerer = { kind: "member", member: "@acme", role: "admin", byKey: true };
    const reviewers = ["role:admin", "@acme"];
    await playClocked(reviewOf({ reviewers }, "@acme"), async (table) => {
      expect(() => decide(table, signedIn, yes)).toThrow(refusal("review.own-request"));
    });
    await playClocked(reviewOf({ reviewers: ["role:admin"] }), async (table) => {
      expect(() => decide(table, signedIn, yes)).toThrow(refusal("review.not-reviewer"));
    });
    await playClocked(reviewOf({ reviewers, approvals: 2 }), async (table) => {
      decide(table, signedIn, yes);
      await table.settled();
      expect(() => decide(table, owner, yes)).toThrow(refusal("review.answered-already", 409));
    });
  });

  it("the starter stays shut out when the list names them", async () => {
    await playClocked(reviewOf({ reviewers: ["@acme", "maria"] }, "@acme"), async (table) => {
      expect(() => decide(table, owner, yes)).toThrow(refusal("review.own-request"));
    });
  });

  it("nobody before the step asks", async () => {
    const request = requestOf(
      {
        start: { type: "trigger" },
        first: { type: "human_review", config: { title: "First?" } },
        review: { type: "human_review", config: { title: "Second?" } },
      },
      [
        ["start", "first"],
        ["first", "review", "approved"],
      ],
      { mode: "live" },
    );
    await playClocked(request, (table) => {
      const early = refusal("signal.not-waiting", 409);
      expect(() => decide(table, maria, yes, "decision")).toThrow(early);
      expect(() => decide(table, maria, yes, "decision_2")).toThrow(early);
      return Promise.resolve();
    });
  });
});

describe("several reviewers", () => {
  it("it takes as many different people as it says, also after a restart in between", async () => {
    await playClocked(reviewOf({ approvals: 2 }), async (table) => {
      decide(table, maria, yes);
      await table.settled();
      expect(table.step("review")?.wait).toMatchObject({ answered: ["maria"] });
      expect(() => decide(table, maria, yes)).toThrow(refusal("review.answered-already", 409));
      await table.restart();
      expect(() => decide(table, maria, yes)).toThrow(refusal("review.answered-already", 409));
      expect(table.step("review")?.status).toBe("waiting");
      decide(table, otto, { ...yes, comment: "fine" });
      await table.settled();
      expect(table.step("review")).toMatchObject({
        port: "approved",
        output: { comment: "fine", decisions: [{ reviewer: "maria" }, { reviewer: "otto" }] },
      });
    });
  });

  it("one rejection ends it, unless more are asked for", async () => {
    await playClocked(reviewOf({ approvals: 2 }), async (table) => {
      decide(table, maria, no);
      await table.settled();
      expect(table.step("review")?.port).toBe("rejected");
      expect(table.step("paid")).toBeUndefined();
      expect(() => decide(table, otto, yes)).toThrow(refusal("run.ended", 409));
      expect(decide(table, maria, no, "decision")).toEqual({ status: "duplicate" });
      expect(() => decide(table, otto, yes, "decision")).toThrow(
        refusal("signal.already-answered", 409),
      );
    });
  });

  it("when all who are named have decided without enough, it is rejected", async () => {
    const wanted = { reviewers: ["maria", "otto"], approvals: 2, rejections: 2 };
    await playClocked(reviewOf(wanted), async (table) => {
      decide(table, maria, yes);
      await table.settled();
      decide(table, otto, no);
      await table.settled();
      expect(table.step("review")?.port).toBe("rejected");
    });
  });

  it("a list shorter than the quorum is refused when it is written", () => {
    const wanted = { title: "x", reviewers: ["maria"], approvals: 2 };
    expect(humanReview.config.safeParse(wanted).success).toBe(false);
  });
});

describe("the form", () => {
  const form = {
    type: "object",
    properties: { amount: { type: "number", minimum: 1 }, urgent: { type: "boolean" } },
    required: ["amount"],
  };

  it.each([
    [yes],
    [{ ...yes, fields: {} }],
    [{ ...yes, fields: { amount: "5" } }],
    [{ ...yes, fields: { amount: 0 } }],
    [{ decision: "maybe", fields: { amount: 5 } }],
    [{ ...yes, fields: { amount: 5 }, extra: 1 }],
    [{}],
  ])("refuses %j and goes on waiting", async (payload) => {
    await playClocked(reviewOf({ form }), (table) => {
      expect(() => decide(table, maria, payload)).toThrow(refusal("signal.invalid", 422));
      expect(table.step("review")?.status).toBe("waiting");
      return Promise.resolve();
    });
  });

  it("hands on what an approval enters; a rejection owes nothing", async () => {
    await playClocked(reviewOf({ form }), async (table) => {
      decide(table, maria, { ...yes, fields: { amount: 5 } });
      await table.settled();
      expect(table.step("review")?.output).toMatchObject({ fields: { amount: 5 } });
    });
    await playClocked(reviewOf({ form }), async (table) => {
      decide(table, maria, no);
      await table.settled();
      expect(table.step("review")?.port).toBe("rejected");
    });
  });
});

describe("time", () => {
  const notify = [{ channel: "webhook", webhook: "HOOK", text: "Decide:" }];

  it("sends the link at once and at every reminder, once each, also over restarts", async () => {
    const wanted = { notify, remind_after_minutes: 60, timeout_minutes: 150 };
    await playClocked(reviewOf(wanted), async (table) => {
      expect(table.links).toHaveLength(1);
      expect(table.sent.map(({ body }) => body)).toEqual([
        JSON.stringify({ text: `Decide:\n${table.links[0]}` }),
      ]);
      await table.restart();
      await table.pass(59 * minute);
      expect(table.sent).toHaveLength(1);
      await table.pass(minute);
      expect(table.sent).toHaveLength(2);
      await table.restart();
      table.respond = () => new Response("gone", { status: 404 });
      await table.pass(60 * minute);
      expect(table.sent).toHaveLength(3);
      // A reminder that failed does not end the review, and the link stays the same.
      expect(table.step("review")).toMatchObject({
        status: "waiting",
        wait: { link: table.links[0] },
      });
      decide(table, maria, yes);
      await table.settled();
      expect(table.step("review")?.port).toBe("approved");
      expect(table.links).toHaveLength(1);
    });
  });

  it.each([
    [undefined, "timeout"],
    ["rejected", "rejected"],
    ["approved", "approved"],
  ])("runs out with on_timeout %s by port %s, and then it is too late", async (setting, port) => {
    const wanted = { timeout_minutes: 30, ...(setting ? { on_timeout: setting } : {}) };
    await playClocked(reviewOf(wanted), async (table) => {
      await table.pass(30 * minute - 1);
      expect(table.step("review")?.status).toBe("waiting");
      await table.pass(1);
      expect(table.step("review")).toMatchObject({ port, output: { decision: "timeout" } });
      expect(() => decide(table, maria, yes, "decision")).toThrow(refusal("signal.expired", 410));
    });
  });

  it("a review whose messages cannot be sent fails, and asks nobody", async () => {
    await playClocked(reviewOf({ notify }), expectFailed, broken);
  });
});

const broken = () => new Response("gone", { status: 404 });

async function expectFailed(table: Table): Promise<void> {
  const error = { code: "http.unexpected-status" };
  await expect.poll(() => table.step("review")).toMatchObject({ status: "failed", error });
}

const decided = (output: object) => ({ status: "succeeded", output });

describe("in a test run", () => {
  const form = {
    type: "object",
    properties: { amount: { type: "number", minimum: 5 }, note: { type: "string" } },
    required: ["amount"],
  };
  const notify = [{ channel: "webhook", webhook: "HOOK", text: "Decide:" }];

  const rehearse = (stubs: RunRequest["stubs"]) =>
    executeRun(
      env,
      requestOf(
        {
          start: { type: "trigger" },
          review: { type: "human_review", config: { title: "Pay?", form, notify } },
        },
        [["start", "review"]],
        { ...(stubs ? { stubs } : {}), output: "{{ steps.review.output }}" },
      ),
      5_000,
    );
  it("an approval that no stub gives enters what the form requires", async () => {
    const fields = { amount: 5 };
    expect(await rehearse(undefined)).toMatchObject(decided({ decision: "approved", fields }));
    const bare = [{ match: "review", status: 200, body: { decision: "approved" } }];
    expect(await rehearse(bare)).toMatchObject(decided({ decision: "approved", fields }));
    const filled = { ...yes, fields: { amount: 7 } };
    const own = [{ match: "review", status: 200, body: filled }];
    expect(await rehearse(own)).toMatchObject(decided({ fields: { amount: 7 } }));
  });

  it("a stub that is silent lets the time run out, and the messages are sent", async () => {
    const silent = [{ match: "review", status: 408 }];
    expect(await rehearse(silent)).toMatchObject(decided({ decision: "timeout" }));
    const rejected = [{ match: "review", status: 200, body: no }];
    expect(await rehearse(rejected)).toMatchObject(decided({ decision: "rejected", fields: {} }));
  });

  it("a message that the stub of the step refuses still fails it", async () => {
    const gone = [{ match: "review", status: 404 }];
    expect(await rehearse(gone)).toMatchObject({ error: { code: "http.unexpected-status" } });
  });
});
