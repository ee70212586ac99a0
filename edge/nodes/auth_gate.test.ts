import { describe, expect, it } from "vitest";
import { minute, playClocked, type Table } from "#edge/workflow/clocked.fixture";
import { historyOf, requestOf } from "#edge/workflow/run.fixture";

const stranger = { kind: "stranger" } as const;
const second = 1_000;
const deliver = { provider: "http", url: "https://deliver.test/send" };

function gateOf(config: object = {}) {
  return requestOf(
    {
      start: { type: "trigger" },
      gate: {
        type: "auth_gate",
        config: { to: "Ada@Example.com", service: "Acme", deliver, ...config },
      },
      after: { type: "action", config: { set: { name: "who", value: "{{ vars.identity }}" } } },
    },
    [
      ["start", "gate"],
      ["gate", "after", "verified"],
    ],
    { mode: "live" },
  );
}

interface Delivered {
  readonly to: string;
  readonly text: string;
  readonly code: string;
  readonly link: string;
}
const sent = ({ sent: all }: Table) => all.map(({ body }) => JSON.parse(body) as Delivered);
const codeIn = (table: Table) => sent(table).at(-1)?.code ?? "";
/** A code that was not sent. */
const wrong = (table: Table) => codeIn(table).replace(/^./, (first) => (first === "1" ? "2" : "1"));

async function send(table: Table, payload: object): Promise<void> {
  table.run.receive({ step: "gate", payload, by: stranger });
  await table.settled();
}
const failedBy = (reason: string) => ({ port: "failed", output: { verified: false, reason } });
const refusal = (code: string, status: number) => expect.objectContaining({ code, status });

describe("a code", () => {
  it("lets in who has it, also after a restart, and hands on the identity", async () => {
    await playClocked(gateOf(), async (table) => {
      expect(sent(table)).toMatchObject([
        { to: "ada@example.com", code: expect.stringMatching(/^\d{6}$/) },
      ]);
      expect(table.step("gate")?.wait).toMatchObject({
        title: "Sign in to Acme",
        message: "A code was sent to A…@Example.com.",
      });
      await table.restart();
      expect(sent(table)).toHaveLength(1);
      await send(table, { code: codeIn(table) });
      const who = { address: "ada@example.com", channel: "email" };
      expect(table.step("gate")).toMatchObject({ port: "verified", output: { identity: who } });
      expect(table.step("after")?.output).toMatchObject({ value: who });
    });
  });

  it("is nowhere in the run's history or trace", async () => {
    const request = gateOf();
    let code = "";
    await playClocked(request, async (table) => {
      code = codeIn(table);
      await send(table, { code: wrong(table) });
      table.run.flush();
      expect(JSON.stringify(table.step("gate"))).not.toContain(code);
    });
    const stored = JSON.stringify(await historyOf(request.id));
    expect(stored).toContain("challenge_0");
    expect(stored).not.toContain(code);
  });

  it("counts wrong ones over all codes, then locks for good", async () => {
    await playClocked(gateOf({ attempts: 3 }), async (table) => {
      await send(table, { code: wrong(table) });
      expect(table.step("gate")?.wait?.message).toContain("2 attempts left");
      await table.pass(31 * second);
      await send(table, { resend: true });
      await send(table, { code: wrong(table) });
      await send(table, { code: wrong(table) });
      expect(table.step("gate")).toMatchObject(failedBy("locked"));
      const late = () => table.run.receive({ step: "gate", payload: { code: codeIn(table) } });
      expect(late).toThrow(refusal("run.ended", 409));
    });
  });

  it("is not sent to an address that got too many, by whatever run", async () => {
    await playClocked(gateOf(), async (table) => {
      table.refused.add("challenge");
      await table.pass(31 * second);
      await send(table, { resend: true });
      expect(sent(table)).toHaveLength(1);
      expect(table.step("gate")).toMatchObject(failedBy("locked"));
    });
  });

  it("locks the gate when the address had too many wrong answers, by whatever run", async () => {
    await playClocked(gateOf(), async (table) => {
      table.refused.add("wrong-answer");
      await send(table, { code: wrong(table) });
      expect(table.step("gate")).toMatchObject(failedBy("locked"));
    });
  });

  it("works until its time and not a moment longer", async () => {
    await playClocked(gateOf({ expires_minutes: 5 }), async (table) => {
      table.now += 5 * minute;
      await send(table, { code: codeIn(table) });
      expect(table.step("gate")).toMatchObject(failedBy("expired"));
    });
    await playClocked(gateOf({ expires_minutes: 5 }), async (table) => {
      await table.pass(5 * minute - 1);
      await send(table, { code: codeIn(table) });
      expect(table.step("gate")?.port).toBe("verified");
    });
    await playClocked(gateOf({ expires_minutes: 5 }), async (table) => {
      await table.pass(5 * minute);
      expect(table.step("gate")).toMatchObject(failedBy("expired"));
    });
  });

  it("is sent again, not too soon and not too often; only the last one counts", async () => {
    await playClocked(gateOf({ resends: 1 }), async (table) => {
      const first = codeIn(table);
      await send(table, { resend: true });
      expect(sent(table)).toHaveLength(1);
      expect(table.step("gate")?.wait?.message).toContain("Wait a little.");
      await table.pass(30 * second);
      await send(table, { resend: true });
      expect(sent(table)).toHaveLength(2);
      await table.pass(30 * second);
      await send(table, { resend: true });
      expect(sent(table)).toHaveLength(2);
      if (first !== codeIn(table)) await send(table, { code: first });
      expect(table.step("gate")?.status).toBe("waiting");
      await send(table, { code: codeIn(table) });
      expect(table.step("gate")?.port).toBe("verified");
    });
  });

  it("is taken by nobody before it was sent, and answers that ask for nothing end", async () => {
    await playClocked(gateOf(), async (table) => {
      const early = { step: "gate", name: "answer_2", payload: { code: "123456" } };
      expect(() => table.run.receive(early)).toThrow(refusal("signal.not-waiting", 409));
      for (const payload of [{}, { code: 123_456 }, { code: "1", resend: true }, { other: "1" }]) {
        expect(() => table.run.receive({ step: "gate", payload, by: stranger })).toThrow(
          refusal("signal.invalid", 422),
        );
      }
      for (let count = 0; count < 30 && table.step("gate")?.status === "waiting"; count += 1) {
        await send(table, { resend: true });
      }
      expect(table.step("gate")).toMatchObject(failedBy("locked"));
      expect(sent(table)).toHaveLength(1);
    });
  });
});

describe("a magic link", () => {
  it("carries the proof, which the run keeps only as a digest", async () => {
    const request = gateOf({ method: "magic_link" });
    await playClocked(request, async (table) => {
      const [delivered] = sent(table);
      const token = delivered?.link.split("#")[1] ?? "";
      expect(token).toMatch(/^[\w-]{43}$/);
      expect(delivered?.code).toBeUndefined();
      table.run.flush();
      expect(JSON.stringify(table.step("gate"))).not.toContain(token);
      await send(table, { token: `${token.slice(0, -2)}__` });
      expect(table.step("gate")?.status).toBe("waiting");
      await send(table, { token });
      expect(table.step("gate")?.port).toBe("verified");
    });
  });
});

it.each([
  ["ada", "resend"],
  ["+4915112345678", "resend"],
  ["ada@example.com", "twilio"],
  ["a@example.com,b@example.com", "resend"],
  ["Ada <ada@example.com>", "resend"],
])("refuses the address %s for %s, and sends nothing", async (to, provider) => {
  const settings = {
    resend: { provider, token: "KEY", from: "a@b.test" },
    twilio: { provider, account_sid: `AC${"0".repeat(32)}`, token: "KEY", from: "+15005550006" },
  }[provider];
  await playClocked(gateOf({ to, deliver: settings }), (table) => {
    expect(table.step("gate")?.error?.code).toBe("auth.bad-address");
    expect(table.sent).toHaveLength(0);
    return Promise.resolve();
  });
});
