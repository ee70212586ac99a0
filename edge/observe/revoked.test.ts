import { exports } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { place, type Place, services } from "#edge/gateway/gateway.fixture";
import { requestOf } from "#edge/workflow/run.fixture";
import { runStub, startRun } from "#edge/workflow/start";

const message = { channel: "slack", webhook: "SLACK_WEBHOOK_URL", text: "Lunch" };
const steps = {
  start: { type: "trigger" },
  later: { type: "schedule_message", config: { message, delay_minutes: 30, wait: true } },
};
const edges = [["start", "later"]] as const;

/** A live run that waits half an hour, unless somebody calls it off. */
function waiting(where: Place) {
  return requestOf(steps, edges, { workspaceId: where.identity.id, mode: "live" });
}

function fetchAs(credential: string, path: string, init: RequestInit = {}) {
  const headers = new Headers(init.headers);
  headers.set("authorization", `Bearer ${credential}`);
  return exports.default.fetch(`https://aerostack.test${path}`, { ...init, headers });
}

function callOff(credential: string, id: string) {
  const body = JSON.stringify({ step: "later", payload: null });
  return fetchAs(credential, `/runs/${id}/answers`, { method: "POST", body });
}

/** What comes until the stream says `mark`, and all that comes after `between`. */
async function readAround(stream: Response, mark: string, between: () => Promise<unknown>) {
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
  const rest = async (isEnough: (text: string) => boolean) => {
    let text = "";
    for (;;) {
      const { done, value = "" } = await reader.read();
      text += value;
      if (done || isEnough(text)) return text;
    }
  };
  const before = await rest((text) => text.includes(mark));
  await between();
  return { before, after: await rest(() => false) };
}

describe("the events of a run", () => {
  const streams: [string, (where: Place, token: string) => Promise<[string, Response]>][] = [
    [
      "that somebody follows",
      async (where, token) => {
        const request = waiting(where);
        const { id } = await startRun(services.env, request);
        return [id, await fetchAs(token, `/runs/${id}/events`)];
      },
    ],
    [
      "that the caller of its endpoint follows",
      async (where, token) => {
        const { document } = waiting(where);
        const endpoint = { workflow: "later", description: "", auth: "token" as const };
        unwrap(
          await where.stub.putLive([
            { kind: "workflow", name: "later", version: 1, definition: document },
            { kind: "endpoint", name: "later", version: 1, definition: endpoint },
          ]),
        );
        const init = { method: "POST", headers: { accept: "text/event-stream" }, body: "{}" };
        const events = await fetchAs(token, `/e/${where.identity.slug}/later`, init);
        return [events.headers.get("aerostack-run-id") ?? "", events];
      },
    ],
  ];

  it.each(streams)("%s end with their token", async (_what, open) => {
    const where = await place();
    const { id: tokenId, token } = await where.token();
    const [id, events] = await open(where, token);
    const { before, after } = await readAround(events, "step-waiting", async () => {
      unwrap(await where.stub.revokeToken({ id: tokenId }));
      expect((await callOff(where.ownerKey, id)).status).toBe(200);
    });
    expect(before).toContain("event: run-started");
    expect(after).toBe("");
  });

  it.each(streams)("%s come to their end while the token lives", async (_what, open) => {
    const where = await place();
    const [id, events] = await open(where, (await where.token()).token);
    const { after } = await readAround(events, "step-waiting", () => callOff(where.ownerKey, id));
    expect(after).toContain("event: result");
  });
});

it("who may only read a run cannot call off what it has scheduled", async () => {
  const where = await place();
  const request = waiting(where);
  const { id } = await startRun(services.env, request);
  const readers = [{ role: "read-only" }, { role: "developer", tools: ["up__echo"] }] as const;
  for (const reader of readers) {
    const { token } = await where.token(reader);
    const refused = await callOff(token, id);
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain("review.not-reviewer");
  }
  expect(unwrap(await runStub(services.env, id).result(0)).status).toBe("waiting");
  expect((await callOff((await where.token()).token, id)).status).toBe(200);
});
