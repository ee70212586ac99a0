import { afterAll, beforeAll, expect, it } from "vitest";
import { LocalServer, startService } from "#edge/local/server.fixture";

/**
 * A sender that has saved up 1,000 events, and a receiver that honours idempotency keys. It closes
 * idle connections after seconds, as servers do, and a busy runtime may send on one that is closing:
 * such a request has no known outcome and is sent again, because the workflow says `retry`.
 */
const burst = 1_000;
const received = new Map<string, number>();
const receiver = await startService((request, response) => {
  let text = "";
  request.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  request.on("end", () => {
    const { n } = JSON.parse(text) as { n: number };
    received.set(String(request.headers["idempotency-key"]), n);
    response.end("{}");
  });
});

interface Accepted {
  readonly run_id?: string;
}

let server: LocalServer;
let hook = "";

beforeAll(async () => {
  server = await LocalServer.start();
  hook = await deployHook(receiver.host);
});

afterAll(async () => {
  await server?.stop();
  receiver.stop();
});

/** A webhook whose workflow hands each delivery on; answers its address. */
async function deployHook(host: string): Promise<string> {
  const blueprint = {
    name: "burst",
    egress: [host],
    workflows: [
      {
        name: "forward",
        nodes: [
          { id: "start", type: "trigger", config: { source: "webhook" } },
          {
            id: "send",
            type: "action",
            on_uncertain: "retry",
            config: { method: "POST", url: `http://${host}/`, body: { n: "{{ input.n }}" } },
          },
        ],
        edges: [{ from: "start", to: "send" }],
      },
    ],
    webhooks: [{ name: "events", workflow: "forward", sender: "token" }],
  };
  const urls = await server.deploy(blueprint, "burst");
  return urls.find((one) => one.includes("/hooks/")) ?? "";
}

it("of a burst of 1,000 deliveries every one is accepted and acted on, once", async () => {
  const numbers = Array.from({ length: burst }, (_, n) => n);
  const answers = await Promise.all(
    numbers.map(async (n) => {
      const response = await fetch(hook, { method: "POST", body: JSON.stringify({ n }) });
      const { run_id: id } = await response.json<Accepted>();
      return { status: response.status, id };
    }),
  );
  expect(answers.filter(({ status }) => status !== 202)).toEqual([]);
  await expect.poll(() => received.size, { timeout: 60_000 }).toBe(burst);
  const acted = answers.map(({ id }) => received.get(`${id}:send`));
  expect(acted).toEqual(numbers);
});
