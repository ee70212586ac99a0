import { post } from "../harness/http.ts";
import { defineTask } from "../harness/task.ts";
import { startReceiver } from "../worlds/receiver.ts";

/** An outside service that fails at first: retried with the same idempotency key, then done once. */
export const flakyUpstream = defineTask({
  name: "flaky-upstream",
  title: "A payment service that answers 503 twice is called again with the same key",
  async run(lab) {
    let failures = 2;
    const service = lab.keep(
      await startReceiver(() =>
        failures-- > 0
          ? { status: 503, body: '{"error":"busy"}' }
          : { status: 200, body: '{"paid":true}' },
      ),
    );
    const agent = await lab.agent("patient-agent");
    const built = await agent.build({ workspace: "billing", blueprint: charge(service.host) });
    const answer = await post(built.url("endpoint"), agent.key, { amount: 12 });
    lab.check(
      "behave",
      "the caller gets the result",
      JSON.stringify(answer.body["output"]).includes("true"),
      answer.text,
    );
    const keys = new Set(service.received.map((one) => one.headers["idempotency-key"]));
    lab.check("behave", "three attempts", service.received.length === 3, service.received.length);
    lab.check("behave", "all with one idempotency key", keys.size === 1 && !keys.has(undefined), [
      ...keys,
    ]);
    const run = await agent.session.must("get_run", { run_id: answer.body["run_id"] });
    const step = (run["steps"] as { id: string; attempts: number }[]).find(
      (one) => one.id === "charge",
    );
    lab.check("operate", "the trace counts the attempts", step?.attempts === 3, step);
  },
});

const charge = (host: string) => ({
  name: "charge",
  workflows: [
    {
      name: "charge",
      nodes: [
        { id: "start", type: "trigger", config: { source: "endpoint" } },
        {
          id: "charge",
          type: "action",
          config: {
            method: "POST",
            url: `http://${host}/charges`,
            body: { amount: "{{ input.amount }}" },
          },
          retry: { attempts: 5, delay_ms: 10, factor: 1 },
        },
      ],
      edges: [{ from: "start", to: "charge" }],
      output: "{{ steps.charge.output.body }}",
    },
  ],
  endpoints: [{ name: "charge", workflow: "charge" }],
  egress: [host],
  tests: [
    {
      name: "charges",
      target: { kind: "workflow", name: "charge" },
      input: { amount: 1 },
      expect: { effects: [{ node: "charge" }] },
    },
  ],
});
