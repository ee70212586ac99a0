import { exports } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { workflowSchema } from "#blueprints/blueprint";
import { unwrap } from "#blueprints/outcome";
import { network, place, type Place, services } from "#edge/gateway/gateway.fixture";
import { createId } from "#edge/id";
import { claude, play, serveModels } from "#edge/nodes/support/models.fixture";
import { loopHistory } from "#edge/workflow/loop-history.fixture";
import { requestOf, set } from "#edge/workflow/run.fixture";
import { runStub } from "#edge/workflow/start";
import { testServices } from "#edge/identity/services.fixture";
import { readerCookie } from "#edge/observe/reader-cookie";
import { livePlace } from "#edge/triggers/triggers.fixture";
import { mostEdges } from "./place.ts";

const base = "https://aerostack.test";
const never = "run_00000000000000000000000000";
const hostile = `</pre><script>alert("x")</script><img src=x onerror='a'>`;

const nodes = [
  { id: "start", type: "trigger", title: `"><script>1</script>` },
  { id: "each_item", type: "loop", config: { items: "{{ input.items }}", on_error: "continue" } },
  {
    id: "work",
    type: "code_block",
    title: "<b>Work</b>",
    config: {
      code: `export default (input) => {
        console.log("log " + input.text);
        if (input.item === 2) throw new Error("error " + input.text);
        return { text: input.text };
      }`,
      input: { text: "{{ input.text }}", item: "{{ item }}" },
    },
  },
  { id: "review", type: "human_review", config: { title: "{{ input.text }}" } },
  { id: "never", type: "action", config: { set: { name: "a", value: 1 } } },
];
const edges = [
  { from: "start", to: "each_item" },
  { from: "each_item", port: "each", to: "work" },
  { from: "each_item", port: "done", to: "review" },
  { from: "review", port: "rejected", to: "never" },
];

async function startRun(where: Place, input: object = {}): Promise<string> {
  const id = createId("run", Date.now());
  const workflow = workflowSchema.parse({ name: "shown", nodes, edges });
  const run = runStub(services.env, id);
  unwrap(
    await run.start({
      id,
      workspaceId: where.identity.id,
      name: "shown",
      version: 1,
      document: { workflow, functions: {}, egress: [], secrets: [] },
      trigger: "manual",
      input: { items: [1, 2, 3], text: hostile, ...input },
      mode: "live",
      baseUrl: base,
      startedBy: hostile,
    }),
  );
  expect(unwrap(await run.result(20_000)).status).toBe("waiting");
  return id;
}

afterEach(() => {
  vi.restoreAllMocks();
});

function open(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return exports.default.fetch(`${base}/runs/${path}`, {
    headers: { accept: "text/html,*/*;q=0.8", ...headers },
  });
}

function signIn(id: string, credential: string, headers: Record<string, string> = {}) {
  return exports.default.fetch(`${base}/runs/${id}`, {
    method: "POST",
    redirect: "manual",
    headers: { accept: "text/html", "sec-fetch-site": "same-origin", ...headers },
    body: new URLSearchParams({ credential }),
  });
}

/** What a browser sends along after it signed in. */
async function cookieFor(id: string, credential: string): Promise<{ cookie: string }> {
  const answer = await signIn(id, credential);
  expect([answer.status, answer.headers.get("location")]).toEqual([303, `/runs/${id}`]);
  return { cookie: answer.headers.get("set-cookie")?.split(";")[0] ?? "" };
}

const textOf = async (response: Response) => [response.status, await response.text()] as const;

describe("who may see a run", () => {
  it("a browser without a sign-in is asked for one, for any id, and learns nothing", async () => {
    const id = await startRun(await place());
    const there = await open(id);
    expect(there.status).toBe(401);
    expect(there.headers.get("cache-control")).toBe("no-store");
    const html = await there.text();
    expect(html).toContain("Sign in to see this run");
    expect(html).not.toContain("shown");
    for (const other of [never, "nonsense", "%3Cscript%3E"]) {
      expect(await textOf(await open(other))).toEqual([401, html]);
    }
  });

  it("any token of the workspace and its owner's key open it, and the browser stays signed in", async () => {
    const where = await place();
    const id = await startRun(where);
    const reader = await where.token({ member: "rita", role: "read-only" });
    for (const credential of [reader.token, (await where.token()).token, where.ownerKey]) {
      const answer = await signIn(id, credential);
      const cookie = answer.headers.get("set-cookie") ?? "";
      expect(cookie).toMatch(
        /^aerostack-reader=[\w.-]+; Path=\/runs; HttpOnly; SameSite=Lax; Secure; Max-Age=43200$/,
      );
      expect(cookie).not.toContain(credential);
      const page = await open(id, { cookie: cookie.split(";")[0] ?? "" });
      expect(page.status).toBe(200);
      expect(await page.text()).toContain("Waiting at “review”");
    }
    const other = await startRun(where);
    expect((await open(other, await cookieFor(id, reader.token))).status).toBe(200);
    const asked = await open(id, { authorization: `Bearer ${reader.token}` });
    expect([asked.status, asked.headers.get("content-type")]).toEqual([
      200,
      "text/html; charset=UTF-8",
    ]);
  });

  it("a foreign run is answered as one that never was: to a sign-in, signed in, and as a stream", async () => {
    const id = await startRun(await place());
    const stranger = await place();
    const own = await startRun(stranger);
    const { token } = await stranger.token();
    for (const credential of [token, stranger.ownerKey, "wt_unknown", "ak_unknown", ""]) {
      const refused = await textOf(await signIn(id, credential));
      expect(refused[0]).toBe(403);
      expect(refused[1]).toContain("not yours to see");
      expect(await textOf(await signIn(never, credential))).toEqual(refused);
      expect((await signIn(id, credential)).headers.get("set-cookie")).toBeNull();
    }
    for (const credential of [token, stranger.ownerKey]) {
      const signedIn = await cookieFor(own, credential);
      const refused = await textOf(await open(id, signedIn));
      expect(refused[0]).toBe(404);
      expect(await textOf(await open(never, signedIn))).toEqual(refused);
      const stream = await textOf(await open(`${id}/events?brief`, signedIn));
      expect(stream[0]).toBe(404);
      expect(stream[1].replaceAll(id, never)).toBe(
        (await textOf(await open(`${never}/events?brief`, signedIn)))[1],
      );
    }
  });

  it("a sign-in ends with its token, after twelve hours, and where its cookie was changed", async () => {
    const where = await place();
    const id = await startRun(where);
    const { id: tokenId, token } = await where.token();
    const signedIn = await cookieFor(id, token);
    const spoilt = { cookie: signedIn.cookie.replace(/.$/, (last) => (last === "A" ? "B" : "A")) };
    expect((await open(id, spoilt)).status).toBe(401);
    expect((await open(id, { cookie: `aerostack-reader=${token}` })).status).toBe(401);
    const earlier = testServices({ now: () => Date.now() - 12 * 3_600_000 });
    const old = { cookie: (await readerCookie(earlier, token)).split(";")[0] ?? "" };
    expect((await open(id, old)).status).toBe(401);
    expect((await open(id, signedIn)).status).toBe(200);
    unwrap(await where.stub.revokeToken({ id: tokenId }));
    expect((await open(id, signedIn)).status).toBe(404);
    expect((await open(`${id}/events`, signedIn)).status).toBe(404);
  });

  it("another site cannot sign a browser in, and a program gets an error as JSON", async () => {
    const where = await place();
    const id = await startRun(where);
    const cross = await signIn(id, where.ownerKey, { "sec-fetch-site": "cross-site" });
    expect(cross.status).toBe(403);
    expect(cross.headers.get("set-cookie")).toBeNull();
    const json = await signIn(id, "wt_unknown", { accept: "application/json" });
    expect([json.status, await json.json()]).toMatchObject([
      404,
      { error: { code: "run.not-found" } },
    ]);
    const trace = await open(id, { accept: "*/*", authorization: `Bearer ${where.ownerKey}` });
    expect(await trace.json()).toMatchObject({ run_id: id, status: "waiting" });
  });
});

describe("what the page of a run shows", () => {
  it("nothing that a user wrote gets out of its place: titles, inputs, outputs, errors, logs", async () => {
    const where = await place();
    const id = await startRun(where);
    const page = await open(id, await cookieFor(id, where.ownerKey));
    const html = await page.text();
    const [script] = /<script>[^]*<\/script>/.exec(html) ?? [""];
    const own = html.replace(script, "");
    expect(own).not.toMatch(/<script|<img|<b>|onerror='/);
    for (const part of [
      "error &lt;/pre&gt;",
      "log &lt;/pre&gt;",
      "&lt;b&gt;Work",
      "each: 3 passes",
    ]) {
      expect(own).toContain(part);
    }
    // As the policy wants it: no style and no handler of an element's own.
    expect(own).not.toMatch(/<[^>]+\s(?:style|on\w+)=/);
    expect(own).not.toContain("javascript:");
  });

  it("lets in its one script and its styles by their hashes, and nothing else", async () => {
    const where = await place();
    const id = await startRun(where);
    const page = await open(id, await cookieFor(id, where.ownerKey));
    const html = await page.text();
    const policy = page.headers.get("content-security-policy") ?? "";
    const texts = [...html.matchAll(/<(style|script)>([^]*?)<\/\1>/g)];
    expect(texts.map(([, kind]) => kind)).toEqual(["style", "style", "script"]);
    for (const [, kind, text] of texts) {
      const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
      const hash = btoa(String.fromCharCode(...new Uint8Array(digest)));
      const [directive = ""] = new RegExp(`${kind}-src [^;]+`).exec(policy) ?? [];
      expect(directive).toContain(`'sha256-${hash}'`);
    }
    expect(policy).toMatch(/^default-src 'none'; /);
    expect(policy).toContain("connect-src 'self'");
    expect(policy).not.toContain("unsafe");
  });

  it("marks the taken way, counts passes, and says what is not reached", async () => {
    const where = await place();
    const id = await startRun(where);
    const html = await (await open(id, await cookieFor(id, where.ownerKey))).text();
    const titles = [...html.matchAll(/<title>([^<]*)<\/title><rect/g)].map(([, title]) => title);
    expect(titles).toEqual([
      "&quot;&gt;&lt;script&gt;1&lt;/script&gt;, trigger: succeeded",
      "each_item, loop: succeeded",
      "&lt;b&gt;Work&lt;/b&gt;, code_block: 2 succeeded, 1 failed",
      "review, human_review: waiting",
      "never, action: not reached",
    ]);
    for (const words of [
      "each: 3 passes, 1 failed",
      "each_item, each → work: taken 3 times",
      "review, rejected → never: not taken",
      'href="#step-each_item%5B1%5D%2Fwork"',
      'id="step-each_item[1]/work"',
    ]) {
      expect(html).toContain(words);
    }
    expect(html.match(/class="edge taken"/g)).toHaveLength(3);
  });

  it("a secret that a step sent away is not on it", async () => {
    const where = await livePlace();
    network({ "hooks.slack.test": () => Promise.resolve(new Response("ok")) });
    const answer = await exports.default.fetch(`${base}/e/${where.identity.slug}/double`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${where.ownerKey}`,
      },
      body: JSON.stringify({ n: 60, note: "before canary0secret0canary after" }),
    });
    const { run_id: id } = await answer.json<{ error: { run_id: string }; run_id: string }>();
    const html = await (await open(id, await cookieFor(id, where.ownerKey))).text();
    expect(html).toContain("[redacted] after");
    expect(html).toContain("send_message");
    expect(html).not.toContain("canary0secret");
  });
});

it("shows what models cost, attempts that failed, and the steps within a step", async () => {
  const where = await place();
  serveModels((_asked, index) =>
    index === 0
      ? { status: 503, headers: { "retry-after": "0" } }
      : { text: "Fine.", inputTokens: 1000, outputTokens: 200 },
  );
  const config = { model: claude, prompt: "How is it?" };
  const retry = { attempts: 3, delay_ms: 1, factor: 1, max_delay_ms: 1 };
  const { trace } = await play("llm_call", config, { where, node: { retry } });
  const signedIn = await cookieFor(trace.id, where.ownerKey);
  const html = await (await open(trace.id, signedIn)).text();
  for (const words of [
    "1 call: 1,000 tokens in, 200 out, $0.002",
    '<span class="usage">1,000 tokens in, 200 out, $0.002</span>',
    "Attempts that failed",
    'class="failed try"',
  ]) {
    expect(html).toContain(words);
  }
  const goal = { model: claude, goal: "Greet.", tools: [] };
  const agent = await play("agent_loop", goal, { where });
  const [, step = ""] = (await (await open(agent.trace.id, signedIn)).text()).split("Steps within");
  expect(agent.trace.status).toBe("succeeded");
  expect(step).toContain("1,000 tokens in, 200 out");
});

it("a secret is taken out before a text is cut: no part of it is left at the end", async () => {
  const where = await place();
  const secret = "correct horse battery staple";
  // However the cut falls, it is in the middle of one; and what is left of the text grows shorter.
  const text = `${secret} `.repeat(1_000);
  const id = await startRun(where, { note: text, items: [] });
  const declared = { name: "PASSPHRASE", purpose: "", kind: "token" as const, hosts: [] };
  unwrap(await where.stub.declareSecret(declared));
  unwrap(await where.stub.putSecret("PASSPHRASE", secret));
  const html = await (await open(id, await cookieFor(id, where.ownerKey))).text();
  expect(html).toContain("[redacted] [redacted] [redacted]");
  expect(html).not.toContain("corr");
});

it("a workflow with too many connections is told in words", async () => {
  const where = await place();
  const steps = Array.from({ length: 50 }, (_, index) => [`s${index}`, set("a", index)] as const);
  const pairs = steps.flatMap(([from], index) =>
    steps.slice(index + 1, index + 9).map(([to]) => [from, to] as const),
  );
  const all = { start: { type: "trigger" }, ...Object.fromEntries(steps) };
  const more = { workspaceId: where.identity.id };
  const request = requestOf(all, [["start", "s0"], ...pairs], more);
  unwrap(await runStub(services.env, request.id).execute(request, 20_000));
  const signedIn = await cookieFor(request.id, where.ownerKey);
  const html = await (await open(request.id, signedIn)).text();
  expect(pairs.length).toBeGreaterThan(mostEdges);
  expect(html).not.toContain('<svg id="graph"');
  expect(html).toContain("it stands here in words");
  expect(html).toContain("s48 → s49: taken");
});

it("one address cannot try credentials for ever", async () => {
  const headers = { "cf-connecting-ip": "203.0.113.77" };
  // More than twice what a minute allows: one may end in between.
  const tries = await Promise.all(
    Array.from({ length: 250 }, () => signIn(never, "wt_guess", headers)),
  );
  const refused = tries.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThan(0);
  expect(await refused[0]?.text()).toContain("Wait a minute");
});

it("of 10,002 steps a page shows a few hundred, says so, and leads to the others", async () => {
  const where = await place();
  const nodesOfLoop = {
    start: { type: "trigger" },
    each: { type: "loop", config: { items: "{{ input.items }}" } },
    one: set("a", 1),
    two: set("b", 2),
  };
  const request = requestOf(
    nodesOfLoop,
    [
      ["start", "each"],
      ["each", "one", "each"],
      ["one", "two"],
    ],
    { workspaceId: where.identity.id, input: { items: [] }, mode: "live" },
  );
  const run = runStub(services.env, request.id);
  unwrap(await run.startFrom(request, loopHistory(5000)));
  expect(unwrap(await run.result(20_000)).status).toBe("succeeded");
  const signedIn = await cookieFor(request.id, where.ownerKey);
  const html = await (await open(request.id, signedIn)).text();
  expect(html.length).toBeLessThan(400_000);
  for (const words of [
    "10,002 steps, of which 100 are here",
    'href="?from=61"',
    "each: 5,000 passes",
  ]) {
    expect(html).toContain(words);
  }
  expect(html).toContain('id="row-each[4999]/two"');
  expect(html).not.toContain('id="row-each[2500]/two"');
  const later = await (await open(`${request.id}?from=5001`, signedIn)).text();
  expect(later).toContain('id="row-each[2500]/two"');
  expect(later).toContain('href="?from=5201"');
  expect(later.length).toBeLessThan(700_000);
});

describe("the stream that keeps a page up to date", () => {
  it("says only that something happened, from where the page is, and how it ended", async () => {
    const where = await place();
    const id = await startRun(where, { items: [] });
    const signedIn = await cookieFor(id, where.ownerKey);
    const html = await (await open(id, signedIn)).text();
    const [, url = ""] = /data-events="\/runs\/([^"]+)"/.exec(html) ?? [];
    const stream = await open(url.replaceAll("&amp;", "&"), signedIn);
    expect(stream.headers.get("content-type")).toContain("text/event-stream");
    const run = runStub(services.env, id);
    const by = { kind: "member", member: "ada", role: "developer" } as const;
    unwrap(await run.signal("review", undefined, { decision: "approved" }, by));
    const text = await stream.text();
    const events = [...text.matchAll(/^event: (.*)\ndata: (.*)$/gm)];
    const kinds = new Set(events.slice(0, -1).map(([, kind]) => kind));
    expect(kinds).toEqual(new Set(["changed"]));
    expect(events.at(-1)?.slice(1)).toEqual(["result", '{"status":"succeeded"}']);
    const after = Number(/after=(\d+)/.exec(url)?.[1]);
    const ids = [...text.matchAll(/^id: (\d+)$/gm)].map(([, one]) => Number(one));
    expect(Math.min(...ids)).toBeGreaterThan(after);
    const again = await open(`${id}/events?brief&after=1`, {
      ...signedIn,
      "last-event-id": String(Math.max(...ids)),
    });
    expect(await again.text()).toBe('event: result\ndata: {"status":"succeeded"}\n\n');
    const ended = await (await open(id, signedIn)).text();
    expect(ended).toContain("Succeeded after");
    // Nothing is drawn at this port: the node itself says it.
    expect(ended).toContain("review, human_review: succeeded, left by approved");
    expect(ended).not.toMatch(/data-events|<script/);
  });
});
