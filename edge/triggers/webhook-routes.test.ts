import { createHmac } from "node:crypto";
import { exports } from "cloudflare:workers";
import { expect, it } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { webhooks } from "#edge/db/tables/resources";
import { services } from "#edge/gateway/gateway.fixture";
import { createId } from "#edge/id";
import { livePlace } from "./triggers.fixture.ts";
import { senders } from "./webhooks/index.ts";

const files = Object.keys(import.meta.glob(["./webhooks/*.ts", "!**/index.ts", "!**/sender.ts"]));
const secret = "whsec_" + btoa("a secret of sufficient length");
const body = JSON.stringify({ id: "evt_1", n: 3 });
const hex = (text: string) => createHmac("sha256", secret).update(text).digest("hex");
const seconds = () => Math.floor(Date.now() / 1000);

/** Headers as each sender makes them; `at` is the signed time, `text` what was really signed. */
const signed: Record<string, (text: string, at: number) => Record<string, string>> = {
  github: (text) => ({ "x-hub-signature-256": `sha256=${hex(text)}`, "x-github-delivery": "d1" }),
  hmac: (text) => ({ "x-signature-256": `sha256=${hex(text)}`, "x-delivery-id": "d1" }),
  stripe: (text, at) => ({
    "stripe-signature": `t=${at},v1=${"0".repeat(64)},v1=${hex(`${at}.${text}`)}`,
  }),
  standard: (text, at) => ({
    "webhook-id": "msg_1",
    "webhook-timestamp": String(at),
    "webhook-signature": `v1,${createHmac("sha256", "a secret of sufficient length")
      .update(`msg_1.${at}.${text}`)
      .digest("base64")}`,
  }),
  token: () => ({ "x-webhook-token": secret, "x-delivery-id": "d1" }),
};

async function hook(sender: string) {
  const where = await livePlace();
  const id = createId("hook", Date.now());
  await services.db.insert(webhooks).values({ id, workspaceId: where.identity.id, name: "in" });
  const name = "SIGNING_SECRET";
  unwrap(await where.stub.declareSecret({ name, purpose: "", kind: "token", hosts: [] }));
  unwrap(await where.stub.putSecret(name, secret));
  const definition = { id, workflow: "doubling", sender, secret: name };
  unwrap(await where.stub.putLive([{ kind: "webhook", name: "in", version: 1, definition }]));
  const deliver = (text: string, headers: Record<string, string>) =>
    exports.default.fetch(`https://aerostack.test/hooks/${id}`, {
      method: "POST",
      headers,
      body: text,
    });
  return { where, deliver };
}

it("has one file per sender, named as in the blueprint", () => {
  const names = files.map((file) => file.replace(/^.*\/|\.ts$/g, ""));
  expect(names.toSorted()).toEqual(Object.keys(senders).toSorted());
  for (const [name, sender] of Object.entries(senders)) expect(sender.name).toBe(name);
  expect(Object.keys(signed).toSorted()).toEqual(names.toSorted());
});

it.each(Object.keys(senders))(
  "%s: a delivery runs once, however often it comes",
  async (sender) => {
    const { where, deliver } = await hook(sender);
    const headers = signed[sender]?.(body, seconds()) ?? {};
    const answers = await Promise.all([deliver(body, headers), deliver(body, headers)]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    await expect
      .poll(async () => unwrap(await where.stub.listRuns({})))
      .toMatchObject([{ trigger: "webhook", status: "succeeded" }]);
  },
);

it.each(["github", "hmac"])(
  "%s: a captured delivery under a new id is no new one",
  async (sender) => {
    const { where, deliver } = await hook(sender);
    const headers = signed[sender]?.(body, seconds()) ?? {};
    const other = `${body} `;
    const answers = [
      await deliver(body, headers),
      await deliver(body, { ...headers, "x-github-delivery": "d2", "x-delivery-id": "d2" }),
      await deliver(other, signed[sender]?.(other, seconds()) ?? {}),
    ];
    const [first, replayed, next] = await Promise.all(
      answers.map((answer) => answer.json<{ run_id: string }>()),
    );
    expect(replayed).toEqual(first);
    expect(next).not.toEqual(first);
    await expect.poll(async () => unwrap(await where.stub.listRuns({}))).toHaveLength(2);
  },
);

it.each(Object.keys(senders))("%s: what was not signed so is refused", async (sender) => {
  const { where, deliver } = await hook(sender);
  const headers = signed[sender]?.(body, seconds()) ?? {};
  const wrong = { ...headers, "x-webhook-token": "guess" };
  const tries: [string, Record<string, string>][] = [[body, {}]];
  tries.push(sender === "token" ? [body, wrong] : [`${body} `, headers]);
  if (["stripe", "standard"].includes(sender)) {
    // Signed for another time: long ago, or one that is still to come.
    for (const off of [-600, 600])
      tries.push([body, signed[sender]?.(body, seconds() + off) ?? {}]);
  }
  for (const [text, sent] of tries) expect((await deliver(text, sent)).status).toBe(401);
  expect(unwrap(await where.stub.listRuns({}))).toEqual([]);
});

it("an unknown webhook is not there", async () => {
  const init = { method: "POST", body: "{}" };
  const response = await exports.default.fetch("https://aerostack.test/hooks/hook_none", init);
  expect(response.status).toBe(404);
});
