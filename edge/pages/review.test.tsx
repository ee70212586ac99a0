import { exports } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { workflowSchema } from "#blueprints/blueprint";
import { unwrap } from "#blueprints/outcome";
import { tickets } from "#edge/db/tables/tickets";
import { place, type Place, services } from "#edge/gateway/gateway.fixture";

const hostile = `</p><script>alert("x")</script><img src=x>`;

/** A workspace with an endpoint whose runs wait for a review. */
async function reviewPlace(config: object = {}): Promise<Place> {
  const where = await place();
  const form = {
    type: "object",
    properties: {
      plan: { enum: ["basic", "large"] },
      seats: { type: "integer", minimum: 1 },
      invoice: { type: "boolean" },
    },
    required: ["plan", "seats"],
  };
  const workflow = workflowSchema.parse({
    name: "upgrade",
    nodes: [
      { id: "start", type: "trigger", config: { source: "endpoint" } },
      {
        id: "review",
        type: "human_review",
        config: { title: "Upgrade?", material: "{{ input }}", form, ...config },
      },
    ],
    edges: [{ from: "start", to: "review" }],
  });
  const definition = { workflow, functions: {}, egress: [], secrets: [] };
  const endpoint = { workflow: "upgrade", description: "Upgrades.", auth: "token" as const };
  unwrap(
    await where.stub.putLive([
      { kind: "workflow", name: "upgrade", version: 1, definition },
      { kind: "endpoint", name: "upgrade", version: 1, definition: endpoint },
    ]),
  );
  return where;
}

interface Started {
  run_id: string;
  status: string;
  waits: { step: string; title: string; link: string }[];
}

async function start(where: Place, credential: string): Promise<Started> {
  const url = `https://aerostack.test/e/${where.identity.slug}/upgrade`;
  const response = await exports.default.fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${credential}` },
    body: JSON.stringify({ customer: hostile }),
  });
  expect(response.status).toBe(202);
  return response.json<Started>();
}

const linkOf = ({ waits }: Started) => waits[0]?.link ?? "";

/** This file's own: others use up what one address may ask for. */
const address = { "CF-Connecting-IP": "198.51.100.200" };

async function open(link: string): Promise<string> {
  const headers = { Accept: "text/html", ...address };
  return (await exports.default.fetch(link, { headers })).text();
}

function send(link: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
  return exports.default.fetch(link, {
    method: "POST",
    headers: { Accept: "text/html", "Sec-Fetch-Site": "same-origin", ...address, ...headers },
    body: new URLSearchParams(fields),
  });
}

async function trace(where: Place, id: string) {
  const headers = { authorization: `Bearer ${where.ownerKey}` };
  const response = await exports.default.fetch(`https://aerostack.test/runs/${id}`, { headers });
  return response.json<{
    status: string;
    started_by: string;
    output: Record<string, unknown>;
    steps: { id: string; port?: string }[];
  }>();
}

const complete = { decision: "approved", "fields.plan": "large", "fields.seats": "5" };
const token = async (where: Place, member: string) => (await where.token({ member })).token;

describe("the review page", () => {
  it("shows what is decided about, escaped, and decides with the reviewer's token", async () => {
    const where = await reviewPlace();
    const started = await start(where, await token(where, "ada"));
    expect(started.status).toBe("waiting");
    const html = await open(linkOf(started));
    for (const part of ["Upgrade?", "customer", "&lt;script&gt;", "ada", 'name="fields.seats"'])
      expect(html).toContain(part);
    expect(html).not.toMatch(/<script|<img/);
    const fields = { ...complete, "fields.invoice": "true", comment: "ok" };
    const credential = await token(where, "maria");
    const response = await send(linkOf(started), { ...fields, credential });
    expect([response.status, await response.text()]).toEqual([
      200,
      expect.stringContaining("Approved"),
    ]);
    await expect.poll(async () => (await trace(where, started.run_id)).status).toBe("succeeded");
    expect(await trace(where, started.run_id)).toMatchObject({
      started_by: "ada",
      output: {
        fields: { plan: "large", seats: 5, invoice: true },
        decisions: [{ reviewer: "maria", comment: "ok" }],
      },
    });
  });

  it("turns away who started the run, and everyone without a token of the workspace", async () => {
    const where = await reviewPlace();
    const stranger = await place();
    const started = await start(where, await token(where, "ada"));
    const tries = {
      starter: await token(where, "ada"),
      none: "",
      unknown: "wt_unknown",
      foreign: await token(stranger, "maria"),
      foreignKey: stranger.ownerKey,
      readOnly: (await where.token({ member: "rita", role: "read-only" })).token,
      bound: (await where.token({ member: "bot", tools: ["a__b"] })).token,
    };
    const answers = await Promise.all(
      Object.values(tries).map((credential) =>
        send(linkOf(started), { ...complete, credential }, { Accept: "application/json" }),
      ),
    );
    const codes = await Promise.all(
      answers.map(async (one) => [
        one.status,
        (await one.json<{ error: { code: string } }>()).error.code,
      ]),
    );
    const unknown = [403, "review.credential"];
    expect(codes).toEqual([
      [403, "review.own-request"],
      ...Array.from({ length: 4 }, () => unknown),
      [403, "review.not-reviewer"],
      [403, "review.not-reviewer"],
    ]);
    expect((await trace(where, started.run_id)).status).toBe("waiting");
    const owner = await send(linkOf(started), { ...complete, credential: where.ownerKey });
    expect(owner.status).toBe(200);
  });

  it("keeps what was typed when it does not fit, but never the token", async () => {
    const where = await reviewPlace();
    const started = await start(where, where.ownerKey);
    const credential = await token(where, "maria");
    const wrong = { ...complete, "fields.seats": "0", comment: "kept text", credential };
    const response = await send(linkOf(started), wrong);
    const html = await response.text();
    expect(response.status).toBe(422);
    expect(html).toContain("kept text");
    expect(html).not.toContain(credential);
    const empty = { ...complete, "fields.seats": "", credential };
    expect(await (await send(linkOf(started), empty)).text()).toContain("Still empty: seats.");
    expect((await send(linkOf(started), { decision: "rejected", credential })).status).toBe(200);
    await expect
      .poll(async () => (await trace(where, started.run_id)).steps.at(-1)?.port)
      .toBe("rejected");
  });

  it("counts two people who decide at the same moment, each once, over one link", async () => {
    const where = await reviewPlace({ approvals: 2 });
    const started = await start(where, where.ownerKey);
    const [maria, otto] = [await token(where, "maria"), await token(where, "otto")];
    const codes = await Promise.all(
      [maria, otto, maria].map(async (credential) => {
        return (await send(linkOf(started), { ...complete, credential })).status;
      }),
    );
    expect(codes.filter((status) => status === 200).length).toBeGreaterThanOrEqual(2);
    await expect.poll(async () => (await trace(where, started.run_id)).status).toBe("succeeded");
    const { output } = await trace(where, started.run_id);
    const names = (output["decisions"] as { reviewer: string }[]).map(({ reviewer }) => reviewer);
    expect(names.toSorted()).toEqual(["maria", "otto"]);
    expect(await open(linkOf(started))).toContain("This is decided already");
    const late = await send(linkOf(started), { decision: "rejected", credential: otto });
    expect(await late.text()).toContain("This is decided already");
  });

  it("a form of another site, and an expired link, decide nothing", async () => {
    const where = await reviewPlace();
    const started = await start(where, where.ownerKey);
    const credential = await token(where, "maria");
    const foreign = { "Sec-Fetch-Site": "cross-site" };
    expect((await send(linkOf(started), { ...complete, credential }, foreign)).status).toBe(403);
    await services.db.update(tickets).set({ expiresAt: 1 });
    expect((await send(linkOf(started), { ...complete, credential })).status).toBe(410);
    expect((await trace(where, started.run_id)).status).toBe("waiting");
  });
});
