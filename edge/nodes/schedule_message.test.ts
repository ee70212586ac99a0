import { afterEach, describe, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { network, type Place, place } from "#edge/gateway/gateway.fixture";
import { minute, playClocked, type Table } from "#edge/workflow/clocked.fixture";
import { env, requestOf } from "#edge/workflow/run.fixture";
import { runStub, startRun } from "#edge/workflow/start";

afterEach(() => {
  vi.restoreAllMocks();
});

const slack = { channel: "slack", webhook: "SLACK_WEBHOOK_URL", text: "Now: {{ input.what }}" };
const mail = {
  channel: "email",
  token: "RESEND_API_KEY",
  from: "Acme <a@acme.test>",
  to: "ada@acme.test",
  subject: "Now",
  text: "It is time.",
};
/** A message in half an hour, in whose step the run stays. */
function waiting(config: object = {}, node: object = {}) {
  const message = { type: "schedule_message", ...node };
  const wanted = { message: slack, delay_minutes: 30, wait: true, ...config };
  return requestOf(
    { start: { type: "trigger" }, step: { ...message, config: wanted } },
    [["start", "step"]],
    { mode: "live", input: { what: "lunch" } },
  );
}
const recall = ({ run }: Table) => run.receive({ step: "step", name: "recall", payload: null });
const ended = (status: string) => ({ status: "succeeded", output: { status, channel: "slack" } });

/** How many messages left when the platform came back so many minutes after the time. */
async function afterDownTime(config: object, minutes: number): Promise<number> {
  let sent = 0;
  await playClocked(waiting(config), async (table) => {
    table.now += (30 + minutes) * minute;
    await table.restart();
    await table.pass(0);
    sent = table.sent.length;
    expect(table.step("step")).toMatchObject(ended(sent > 0 ? "sent" : "dropped"));
  });
  return sent;
}

const busy = async () => new Response("", { status: 429, headers: { "retry-after": "3600" } });
const dies = () => new Promise<Response>(() => undefined);

/** The platform dies while the message is on its way, and comes back. */
const at30 = async (config: object, node: object, check: (table: Table) => void) =>
  playClocked(
    waiting(config, node),
    async (table) => {
      table.now += 30 * minute;
      table.run.fireTimers();
      await expect.poll(() => table.sent.length).toBe(1);
      table.respond = () => Response.json({ id: "m1" });
      await table.restart();
      check(table);
    },
    dies,
  );

describe("a message that waits for its time", () => {
  it("leaves then, once, also when the platform restarts in between", async () => {
    await playClocked(waiting(), async (table) => {
      await table.pass(29 * minute);
      await table.restart();
      expect(table.sent).toHaveLength(0);
      await table.pass(minute);
      expect(table.sent.map(({ body }) => body)).toEqual(['{"text":"Now: lunch"}']);
      expect(table.step("step")).toMatchObject(ended("sent"));
      await table.restart();
      expect(table.sent).toHaveLength(1);
    });
  });

  it("is sent late, or dropped, as it says, when the platform was down at its time", async () => {
    expect(await afterDownTime({}, 600)).toBe(1);
    expect(await afterDownTime({ late: "drop" }, 600)).toBe(0);
    expect(await afterDownTime({ late: "drop" }, 4)).toBe(1);
    expect(await afterDownTime({ late: "drop", late_after_minutes: 601 }, 600)).toBe(1);
  });

  it("is tried again when the platform says so, and not before", async () => {
    let answers = 0;
    const respond = () =>
      ++answers > 1
        ? new Response("ok")
        : new Response("slow down", { status: 429, headers: { "retry-after": "90" } });
    await playClocked(
      waiting(),
      async (table) => {
        await table.pass(30 * minute);
        await table.pass(minute);
        expect(table.sent).toHaveLength(1);
        await table.pass(minute / 2);
        expect(table.sent).toHaveLength(2);
        expect(table.step("step")).toMatchObject(ended("sent"));
        const [first, second] = table.sent.map(({ headers }) => headers.get("idempotency-key"));
        expect(second).toBe(first);
      },
      respond,
    );
  });

  it("can be called off until it is sent, also between two attempts", async () => {
    await playClocked(waiting(), async (table) => {
      recall(table);
      await table.settled();
      expect(table.step("step")).toMatchObject(ended("cancelled"));
      expect(recall(table)).toEqual({ status: "duplicate" });
    });
    await playClocked(
      waiting(),
      async (table) => {
        await table.pass(30 * minute);
        expect(() => recall(table)).toThrow(expect.objectContaining({ code: "signal.expired" }));
        table.run.receive({ step: "step", name: "recall_after", payload: null });
        await table.pass(60 * minute);
        expect(table.sent).toHaveLength(1);
        expect(table.step("step")).toMatchObject(ended("cancelled"));
      },
      busy,
    );
    await playClocked(waiting(), async (table) => {
      await table.pass(30 * minute);
      const after = () => table.run.receive({ step: "step", name: "recall_after", payload: null });
      expect(after).toThrow(expect.objectContaining({ code: "run.ended" }));
    });
  });

  it("is not sent twice by a death in the very moment, unless the provider drops the second", async () => {
    await at30({}, {}, (table) => {
      expect(table.sent).toHaveLength(1);
      expect(table.step("step")?.error?.code).toBe("step.uncertain");
    });
    await at30({}, { on_uncertain: "retry" }, (table) => expect(table.sent).toHaveLength(2));
    await at30({ message: mail }, {}, (table) => {
      const keys = table.sent.map(({ headers }) => headers.get("idempotency-key"));
      expect(keys).toEqual([keys[0], keys[0]]);
      expect(table.step("step")?.output).toMatchObject({ status: "sent", message_id: "m1" });
    });
  });

  it.each([
    ["tomorrow", "schedule.bad-time"],
    ["2027-01-01T09:00:00", "schedule.bad-time"],
    ["2033-01-01T09:00:00Z", "schedule.too-far"],
  ])("the time %s is refused", async (at, code) => {
    await playClocked(waiting({ at, delay_minutes: undefined }), (table) => {
      expect(table.step("step")?.error?.code).toBe(code);
      return Promise.resolve();
    });
  });
});

const slackUrl = "https://hooks.slack.test/services/T1/B1/canary1secret1canary";

const secrets = [
  { name: "SLACK_WEBHOOK_URL", purpose: "Slack", kind: "url" as const, hosts: [] },
  { name: "RESEND_API_KEY", purpose: "Mail", kind: "token" as const, hosts: ["api.resend.com"] },
];

/** A workspace that holds the secrets of its channels. */
async function slackPlace(): Promise<Place> {
  const where = await place();
  for (const secret of secrets) unwrap(await where.stub.declareSecret(secret));
  unwrap(await where.stub.putSecret("SLACK_WEBHOOK_URL", slackUrl));
  unwrap(await where.stub.putSecret("RESEND_API_KEY", "re_canary_0123456789"));
  return where;
}

const read = async (id: string) => unwrap(await runStub(env, id).inspect());

interface Played {
  readonly config: object;
  readonly node?: object;
  readonly input?: object;
  readonly after?: Parameters<typeof requestOf>[0];
}

/** A live run that schedules, and then goes on with what comes after. */
async function play(where: Place, { config, node, input, after = {} }: Played) {
  const path = ["start", "step", ...Object.keys(after)];
  const request = requestOf(
    { start: { type: "trigger" }, step: { type: "schedule_message", config, ...node }, ...after },
    path.slice(1).map((to, index) => [path[index] ?? "", to] as const),
    { mode: "live", workspaceId: where.identity.id, name: "orders", input: input ?? {} },
  );
  await startRun(env, { ...request, document: { ...request.document, secrets } });
  await expect.poll(async () => (await read(request.id)).endedAt).toBeDefined();
  const trace = await read(request.id);
  const scheduled = trace.steps.find(({ id }) => id === "step")?.children?.[0]?.id ?? "";
  return { id: request.id, trace, scheduled };
}
const later = { message: { ...slack, text: "Hello" }, delay_minutes: 60 };

describe("a message that is left behind", () => {
  it("the run goes on and ends; the message is a run that its controllers see and cancel", async () => {
    const where = await slackPlace();
    const { id, trace, scheduled } = await play(where, { config: later });
    expect(trace).toMatchObject({ status: "succeeded", output: { status: "scheduled" } });
    expect(trace.output).toMatchObject({ id: scheduled });
    expect(trace.steps[1]?.children).toEqual([
      { id: scheduled, workflow: "orders", detached: true },
    ]);
    await expect.poll(async () => (await read(scheduled)).status).toBe("waiting");
    expect(await read(scheduled)).toMatchObject({ detachedFrom: { runId: id, step: "step" } });
    await expect
      .poll(async () => unwrap(await where.stub.listRuns({})))
      .toEqual(expect.arrayContaining([expect.objectContaining({ id: scheduled })]));
    unwrap(await runStub(env, scheduled).cancel("enough"));
    expect((await read(scheduled)).status).toBe("cancelled");
  });

  it("reaches the hosts that the step names, though its time comes from data", async () => {
    const where = await slackPlace();
    const seen = network({ "api.resend.com": async () => Response.json({ id: "m2" }) });
    const config = { message: mail, delay_minutes: "{{ input.minutes }}" };
    const { scheduled } = await play(where, { config, input: { minutes: 0 } });
    await expect.poll(async () => (await read(scheduled)).status).toBe("succeeded");
    expect((await read(scheduled)).output).toMatchObject({ status: "sent", message_id: "m2" });
    expect(seen.requests.map(({ headers }) => headers.get("authorization"))).toEqual([
      "Bearer re_canary_0123456789",
    ]);
  });

  it("outlives the cancellation of the run, and takes the step's own retries along", async () => {
    const where = await slackPlace();
    const seen = network({ "hooks.slack.test": async () => new Response("no", { status: 503 }) });
    const review = { type: "human_review", config: { title: "Go on?" } };
    const request = requestOf(
      { start: { type: "trigger" }, step: { type: "schedule_message", config: later }, review },
      [
        ["start", "step"],
        ["step", "review"],
      ],
      { mode: "live", workspaceId: where.identity.id, baseUrl: "https://aerostack.test" },
    );
    await startRun(env, request);
    await expect.poll(async () => (await read(request.id)).status).toBe("waiting");
    const scheduled = (await read(request.id)).steps[1]?.children?.[0]?.id ?? "";
    unwrap(await runStub(env, request.id).cancel("enough"));
    await expect.poll(async () => (await read(request.id)).status).toBe("cancelled");
    expect((await read(scheduled)).status).toBe("waiting");
    const now = { ...later, delay_minutes: 0 };
    const once = await play(where, { config: now, node: { retry: { attempts: 1 } } });
    await expect.poll(async () => (await read(once.scheduled)).status).toBe("failed");
    expect(seen.requests).toHaveLength(1);
  });

  it("a later step calls it off, again and again; nobody calls off what is another's", async () => {
    const where = await slackPlace();
    const cancel = { type: "schedule_message", config: { cancel: "{{ steps.step.output.id }}" } };
    const { trace, scheduled } = await play(where, {
      config: later,
      after: { cancel, again: cancel },
    });
    const off = { output: { id: scheduled, status: "cancelled", channel: "slack" } };
    expect(trace.steps.slice(2)).toMatchObject([off, off]);
    const other = await play(await slackPlace(), { config: { cancel: scheduled } });
    expect(other.trace.error?.code).toBe("run.not-found");
    for (const id of [trace.id, "run_00000000000000000000000000", "nonsense"]) {
      const none = await play(where, { config: { cancel: id } });
      expect(none.trace.error?.code).toBe("run.not-found");
    }
  });

  it.each([0, 0.001])(
    "a later step calls it off between two attempts as well (after %s minutes)",
    async (delay_minutes) => {
      const where = await slackPlace();
      const seen = network({ "hooks.slack.test": busy });
      const { scheduled } = await play(where, { config: { ...later, delay_minutes } });
      const step = async () => (await read(scheduled)).steps[1];
      await expect.poll(async () => (await step())?.substeps?.[1]?.status).toBe("waiting");
      const { trace } = await play(where, { config: { cancel: scheduled } });
      expect(trace.output).toMatchObject({ id: scheduled, status: "cancelled" });
      expect(seen.requests).toHaveLength(1);
    },
  );

  it("one in the past is sent at once, with what data wrote taken as text", async () => {
    const where = await slackPlace();
    const seen = network({ "hooks.slack.test": async () => new Response("ok") });
    const at = "2020-01-01T00:00:00+02:00";
    const text = "Dear {{ input.name }}";
    const input = { name: "{{ run.id }} {{ secrets.SLACK_WEBHOOK_URL }}" };
    const { scheduled, id } = await play(where, {
      config: { at, message: { ...slack, text } },
      input,
    });
    await expect.poll(async () => (await read(scheduled)).status).toBe("succeeded");
    expect(seen.requests.map(({ url, body }) => [url, body])).toEqual([
      [slackUrl, JSON.stringify({ text: `Dear ${input.name}` })],
    ]);
    const cancel = await play(where, { config: { cancel: scheduled } });
    expect(cancel.trace.output).toMatchObject({ id: scheduled, status: "sent" });
    expect(id).not.toBe(scheduled);
  });
});
