import { exports } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { type Place, post, rpc } from "#edge/gateway/gateway.fixture";
import {
  answer,
  type Behaviour,
  besides,
  call,
  event,
  events,
  json,
  made,
  text,
} from "./upstream.fixture.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const reply = (id: number, said: string) => ({ jsonrpc: "2.0", id, result: text(said) });

/** An answer whose beginning arrives and whose end does not, until the request is given up. */
function stalled(beginning: string, type = "text/event-stream"): Behaviour {
  return ({ request }) => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(beginning));
        request.signal.addEventListener("abort", () => controller.error(request.signal.reason));
      },
    });
    return new Response(body, { headers: { "content-type": type } });
  };
}

const broken: Behaviour = () => {
  const parts = [": well\n\n"];
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const part = parts.pop();
      if (part === undefined) controller.error(new TypeError("connection reset"));
      else controller.enqueue(new TextEncoder().encode(part));
    },
  });
  return events(body);
};

const note = (progress: number) =>
  event({ method: "notifications/progress", params: { progressToken: 1, progress } });

const batch = (at: number) =>
  Array.from({ length: 1000 }, (_, index) => note(at * 1000 + index)).join("");

describe("an upstream that lies fails its own call with a code, nobody else's", () => {
  it.each<[string, Behaviour, string]>([
    ["JSON that breaks off", ({ id }) => json(`{"jsonrpc":"2.0","id":${id},"res`), "mcp.malformed"],
    ["an HTML page", () => new Response("<h1>Hi</h1>"), "mcp.malformed"],
    ["no body", () => json(""), "mcp.malformed"],
    ["null", () => json("null"), "mcp.malformed"],
    ["a list", () => json("[]"), "mcp.malformed"],
    [
      "the answer to another id",
      ({ id }) => json(JSON.stringify(reply(id + 1, "x"))),
      "mcp.malformed",
    ],
    ["an id of another type", ({ id }) => json(`{"id":"${id}","result":{}}`), "mcp.malformed"],
    ["a result that is a text", ({ id }) => json(`{"id":${id},"result":"x"}`), "mcp.malformed"],
    [
      "an event stream of other answers",
      ({ id }) => events(event(reply(id + 1, "x"))),
      "mcp.malformed",
    ],
    ["an event stream that breaks", broken, "mcp.unreachable"],
    ["a stream that never ends", stalled(": wait\n\n"), "mcp.timeout"],
    ["JSON that never ends", stalled('{"jsonrpc":', "application/json"), "mcp.timeout"],
    ["silence", stalled(""), "mcp.timeout"],
    ["HTTP 204", () => new Response(null, { status: 204 }), "mcp.malformed"],
    [
      "a result 20,000 levels deep",
      ({ id }) => json(`{"id":${id},"result":{"a":${"[".repeat(20_000)}${"]".repeat(20_000)}}}`),
      "mcp.malformed",
    ],
    [
      "an event 3,000 levels deep",
      ({ id }) =>
        events(`data: {"id":${id},"result":{"a":${"[".repeat(3000)}${"]".repeat(3000)}}}\n\n`),
      "mcp.malformed",
    ],
  ])("%s", async (_what, behaviour, code) => {
    const { where, token } = await besides(
      {
        "tools/call": behaviour,
        "resources/read": behaviour,
        "resources/list": (heard) => answer(heard, { resources: [{ uri: "x://1", name: "x" }] }),
      },
      { limits: { timeoutMs: 150 } },
    );
    expect(await call(where, token)).toContain(code);
    const read = await post(where, token, rpc("resources/read", { uri: "x://1" }));
    expect(read.status).toBe(200);
    expect(await read.text()).toContain(code);
    expect(await call(where, token, "two__do")).toContain("fine");
  });

  it.each<[string, Behaviour, string]>([
    [
      "before another request's, its own answer counts",
      ({ id }) => events(event(reply(id + 1, "theirs")) + event(reply(id, "mine"))),
      "mine",
    ],
    [
      "of two answers the first counts",
      ({ id }) => events(event(reply(id, "mine")) + event(reply(id, "theirs"))),
      "mine",
    ],
    [
      "events that are no JSON-RPC are passed over",
      ({ id }) => events(`data: {\n\ndata: 1\n\ndata: []\n\n: x\n\n${event(reply(id, "mine"))}`),
      "mine",
    ],
    [
      "an answer in the middle of a never-ending stream ends the call",
      (heard) => stalled(event(reply(heard.id, "mine")))(heard),
      "mine",
    ],
  ])("%s", async (_what, behaviour, said) => {
    const { where, token } = await besides({ "tools/call": behaviour });
    const told = await call(where, token);
    expect(told).toContain(said);
    expect(told).not.toContain("theirs");
  });

  it("20,000 progress notifications arrive in order, and then the answer", async () => {
    const total = 20_000;
    const { where, token } = await besides({
      "tools/call": ({ id }) => {
        return events(
          made((count) =>
            count < total / 1000
              ? batch(count)
              : count === total / 1000
                ? event(reply(id, "done"))
                : undefined,
          ).body,
        );
      },
    });
    const told = await call(where, token);
    const heard = Array.from(told.matchAll(/"progress":(\d+)/g), ([, at]) => Number(at));
    expect(heard).toHaveLength(total);
    expect(heard.every((at, index) => at === index)).toBe(true);
    expect(told.trimEnd().endsWith('"done"}]}}')).toBe(true);
  });
});

describe("an answer without end is read up to the limit of its link", () => {
  const limit = 200_000;
  const piece = "x".repeat(10_000);
  it.each<[string, (count: number) => string, (body: BodyInit) => Response]>([
    ["JSON without Content-Length", () => piece, (body) => json(body)],
    [
      "an unfolded gzip bomb",
      () => piece,
      (body) =>
        new Response(body, {
          headers: {
            "content-type": "application/json",
            "content-encoding": "gzip",
            "content-length": "99",
          },
          encodeBody: "manual",
        }),
    ],
    ["one line of events", (count) => (count === 0 ? `data: ${piece}` : piece), events],
    ["comments for ever", () => `: ${piece}\n`, events],
    ["events for ever", () => `data: ${piece}\n\n`, events],
    ["one event of many lines", () => `data: ${piece}\n`, events],
    [
      "notifications for ever",
      () => event({ method: "notifications/message", params: { data: piece } }),
      events,
    ],
  ])("%s", async (_what, chunk, respond) => {
    const { body, counted } = made(chunk);
    const { where, token } = await besides(
      { "tools/call": () => respond(body) },
      { limits: { answerBytes: limit } },
    );
    expect(await call(where, token)).toContain("mcp.too-large");
    expect(counted.chunks).toBeLessThanOrEqual(limit / piece.length + 2);
    expect(counted.cancelled).toBe(true);
    expect(await call(where, token, "two__do")).toContain("fine");
  });
});

const ask = (where: Place, token: string, signal?: AbortSignal) =>
  exports.default.fetch(`https://aerostack.test/ws/${where.identity.slug}`, {
    method: "POST",
    ...(signal ? { signal } : {}),
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    },
    body: JSON.stringify(rpc("tools/call", { name: "up__do", arguments: {} })),
  });
const healthOf = async (where: Place) =>
  unwrap(await where.stub.listLinks()).find(({ alias }) => alias === "up")?.health;

describe("a client", () => {
  // Before there is a stream only a real connection tells: see sessions.process.test.ts.
  it("that goes away from a stream cancels the upstream's request, which is no fault", async () => {
    const seen = { asked: false, ended: false };
    const { where, token } = await besides({
      "tools/call": (heard) => {
        seen.asked = true;
        heard.request.signal.addEventListener("abort", () => (seen.ended = true));
        return stalled(event({ method: "notifications/message", params: {} }))(heard);
      },
    });
    const asking = ask(where, token, new AbortController().signal);
    await vi.waitUntil(() => seen.asked);
    await (await asking).body?.cancel();
    await vi.waitUntil(() => seen.ended);
    await vi.waitUntil(async () => (await healthOf(where))?.running === 0);
    expect(await healthOf(where)).toMatchObject({ faults: 0, breaker: "closed" });
  });

  it("that goes away while the era is found out ends nobody else's call", async () => {
    const seen = { forgotten: false, asked: 0, left: false };
    const { where, token } = await besides({
      "server/discover": async (heard) => {
        seen.asked += 1;
        if (seen.asked === 2) await vi.waitUntil(() => seen.left);
        return answer(heard, { supportedVersions: ["2026-07-28"], capabilities: {} });
      },
      "tools/call": (heard) => {
        if (seen.forgotten) return answer(heard, text("mine"));
        seen.forgotten = true;
        return new Response(null, { status: 404 });
      },
    });
    const abort = new AbortController();
    const leaving = ask(where, token, abort.signal).catch(() => undefined);
    await vi.waitUntil(() => seen.asked === 2);
    const staying = call(where, token);
    await vi.waitUntil(async () => (await healthOf(where))?.running === 2);
    abort.abort();
    await leaving;
    seen.left = true;
    expect(await staying).toContain("mine");
  });
});
