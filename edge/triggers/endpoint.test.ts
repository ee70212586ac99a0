import { exports } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { network, type Place, place } from "#edge/gateway/gateway.fixture";
import { runsAtOnce } from "#edge/gateway/open-workflow";
import { livePlace, slackUrl } from "./triggers.fixture.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

interface Sent {
  readonly credential?: string;
  readonly name?: string;
  readonly headers?: Record<string, string>;
}

function send(where: Place, body: unknown, { credential, name = "double", headers }: Sent = {}) {
  return exports.default.fetch(`https://aerostack.test/e/${where.identity.slug}/${name}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
      ...headers,
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

async function codeOf(response: Response): Promise<[number, string]> {
  const { error } = await response.json<{ error: { code: string } }>();
  return [response.status, error.code];
}

describe("an agent endpoint", () => {
  it("answers with the output and the id of the run", async () => {
    const where = await livePlace();
    const { token } = await where.token();
    const response = await send(where, { n: 4 }, { credential: token });
    const body = await response.json<{ run_id: string }>();
    expect(body).toMatchObject({ status: "succeeded", output: { twice: 8 } });
    const read = (credential: string) =>
      exports.default.fetch(`https://aerostack.test/runs/${body.run_id}`, {
        headers: { authorization: `Bearer ${credential}` },
      });
    for (const credential of [token, where.ownerKey]) {
      const trace = await (await read(credential)).json<{ steps: { id: string }[] }>();
      const took = { started_at: expect.any(String), duration_ms: expect.any(Number) };
      expect(trace).toMatchObject({ run_id: body.run_id, ...took, steps: [took, took, took] });
      expect(trace.steps.map(({ id }) => id)).toEqual(["start", "double", "large"]);
    }
    const stranger = await place();
    expect((await read(stranger.ownerKey)).status).toBe(404);
    expect((await read((await stranger.token()).token)).status).toBe(404);
  });

  it("sends one well-formed message to Slack, and shows its URL to nobody", async () => {
    const where = await livePlace();
    const seen = network({ "hooks.slack.test": () => Promise.resolve(new Response("ok")) });
    const response = await send(where, { n: 60 }, { credential: where.ownerKey });
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ output: { twice: 120 } });
    expect(seen.requests.map(({ url, body }) => [url, body])).toEqual([
      [slackUrl, JSON.stringify({ text: "Got &lt;120&gt;" })],
    ]);
    const { run_id } = JSON.parse(text) as { run_id: string };
    const trace = await exports.default.fetch(`https://aerostack.test/runs/${run_id}`, {
      headers: { authorization: `Bearer ${where.ownerKey}` },
    });
    expect(text + (await trace.text())).not.toContain("canary0secret");
    await expect
      .poll(async () => unwrap(await where.stub.listRuns({})))
      .toMatchObject([{ id: run_id, status: "succeeded", trigger: "endpoint" }]);
  });

  it("streams the steps as they happen, then the result; a reader that returns misses nothing", async () => {
    const where = await livePlace();
    const headers = { accept: "text/event-stream" };
    const response = await send(where, { n: 1 }, { credential: where.ownerKey, headers });
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const text = await response.text();
    const events = [...text.matchAll(/^event: (.*)$/gm)].map((match) => match[1]);
    expect(events[0]).toBe("run-started");
    expect(events.filter((event) => event === "step-succeeded")).toHaveLength(3);
    expect(events.at(-1)).toBe("result");
    expect(text).toContain('"output":{"twice":2}');
    const id = response.headers.get("aerostack-run-id") ?? "";
    expect(text).toContain(`"url":"https://aerostack.test/runs/${id}"`);
    const again = await exports.default.fetch(`https://aerostack.test/runs/${id}/events`, {
      headers: { authorization: `Bearer ${where.ownerKey}`, "last-event-id": "3" },
    });
    const ids = [...(await again.text()).matchAll(/^id: (\d+)$/gm)].map((match) =>
      Number(match[1]),
    );
    expect(ids).toEqual(Array.from({ length: ids.length }, (_, index) => index + 4));
    expect(ids.length).toBeGreaterThan(3);
  });

  it("tells who opens its address that it takes POST", async () => {
    const where = await livePlace();
    const url = `https://aerostack.test/e/${where.identity.slug}/double`;
    const response = await exports.default.fetch(url);
    expect(response.headers.get("allow")).toBe("POST");
    expect(await codeOf(response)).toEqual([405, "endpoint.method"]);
  });

  it("repeats the answer, not the effect, for the same Idempotency-Key", async () => {
    const where = await livePlace();
    const seen = network({ "hooks.slack.test": () => Promise.resolve(new Response("ok")) });
    const headers = { "idempotency-key": "one" };
    const ask = (body: unknown) => send(where, body, { credential: where.ownerKey, headers });
    const answers = await Promise.all([ask({ n: 70 }), ask({ n: 70 })]);
    const [first, second] = await Promise.all(answers.map((answer) => answer.json()));
    expect(second).toEqual(first);
    expect(seen.requests).toHaveLength(1);
    expect(await codeOf(await ask({ n: 71 }))).toEqual([422, "run.other-request"]);
  });

  it("answers at once when asked to", async () => {
    const where = await livePlace();
    const headers = { prefer: "respond-async" };
    const response = await send(where, { n: 1 }, { credential: where.ownerKey, headers });
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({
      status: "running",
      url: expect.stringContaining("/runs/run_"),
    });
  });

  it("serves an OpenAPI document with the workflow's input", async () => {
    const where = await livePlace();
    const url = `https://aerostack.test/e/${where.identity.slug}/double/openapi.json`;
    const headers = { authorization: `Bearer ${where.ownerKey}` };
    const document = await (await exports.default.fetch(url, { headers })).text();
    expect(document).toContain('"required":["n"]');
  });
});

describe("what an endpoint refuses", () => {
  it("one run more than the workspace may have under way, until one ends", async () => {
    const where = await livePlace();
    const row = { workflow: "doubling", version: 1, trigger: "endpoint", startedAt: 1 };
    const report = (number: number, ended?: { endedAt: number }) =>
      where.stub.recordRuns([
        { ...row, id: `run_${number}`, status: ended ? "succeeded" : "running", ...ended },
      ]);
    const ask = () => send(where, { n: 1 }, { credential: where.ownerKey });
    await Promise.all(Array.from({ length: runsAtOnce - 1 }, (_, number) => report(number)));
    expect((await ask()).status).toBe(200);
    unwrap(await report(runsAtOnce));
    const refused = await ask();
    expect(refused.headers.get("retry-after")).toBe("10");
    expect(await codeOf(refused)).toEqual([429, "workspace.too-many-runs"]);
    unwrap(await report(7, { endedAt: 2 }));
    // A report that was overtaken opens nothing again.
    unwrap(await report(7));
    expect((await ask()).status).toBe(200);
  });

  it("callers that are unknown, foreign, read-only or bound to tools", async () => {
    const [where, other] = [await livePlace(), await place()];
    const readOnly = await where.token({ role: "read-only" });
    const bound = await where.token({ tools: ["a__b"] });
    const foreign = await other.token();
    const tries = [undefined, "wt_wrong", foreign.token, "ak_wrong", readOnly.token, bound.token];
    const statuses = await Promise.all(
      tries.map(
        async (credential) =>
          (await send(where, { n: 1 }, credential ? { credential } : {})).status,
      ),
    );
    expect(statuses).toEqual([401, 401, 401, 401, 403, 403]);
  });

  it("a foreign account learns no more than for a workspace that does not exist", async () => {
    const [where, other] = [await livePlace(), await place()];
    const foreign = await send(where, { n: 1 }, { credential: other.ownerKey });
    const nowhere = { ...where, identity: { ...where.identity, slug: "no-such-place" } };
    const missing = await send(nowhere, { n: 1 }, { credential: other.ownerKey });
    const [one, two] = [await foreign.text(), await missing.text()];
    expect([foreign.status, missing.status]).toEqual([404, 404]);
    expect(one.replaceAll(where.identity.slug, "x")).toBe(two.replaceAll("no-such-place", "x"));
  });

  it.each([
    ["{", 400, "http.bad-json"],
    ["[".repeat(200) + "]".repeat(200), 400, "http.too-deep"],
    [{ n: "four" }, 400, "input.invalid"],
    [{ n: 1, pad: "x".repeat(10_000_000) }, 413, "http.body-too-large"],
  ])("a bad body, with a code (%#)", async (body, status, code) => {
    const where = await livePlace();
    const response = await send(where, body, { name: "open" });
    expect(await codeOf(response)).toEqual([status, code]);
  });

  it("a name that is not deployed", async () => {
    const where = await livePlace();
    const response = await send(where, {}, { name: "nothing", credential: where.ownerKey });
    expect(await codeOf(response)).toEqual([404, "endpoint.not-found"]);
  });
});
