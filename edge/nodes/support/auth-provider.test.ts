import { createHash, createHmac } from "node:crypto";
import { exports } from "cloudflare:workers";
import { afterEach, expect, it, vi } from "vitest";
import { workflowSchema } from "#blueprints/blueprint";
import { unwrap } from "#blueprints/outcome";
import { network, place, type Seen } from "#edge/gateway/gateway.fixture";
import { authProviders } from "./auth/index.ts";

const files = Object.keys(import.meta.glob(["./auth/*.ts", "!**/index.ts"]));

afterEach(() => {
  vi.restoreAllMocks();
});

it("has one file per provider, named as on the wire", () => {
  const names = files.map((file) => file.replace(/^.*\/|\.ts$/g, ""));
  expect(names.toSorted()).toEqual(Object.keys(authProviders).toSorted());
  for (const [name, provider] of Object.entries(authProviders)) expect(provider.name).toBe(name);
});

const sid = `AC${"7".repeat(32)}`;
const secretOf = { PROVIDER_KEY: "key-canary-0123456789", ACCESS_KEY: "AKIDEXAMPLE000000000" };
const sesHost = "email.eu-west-1.amazonaws.com";

const hex = (text: string) => createHash("sha256").update(text).digest("hex");
const mac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();

/** Recomputed from what arrived, as AWS does. */
function awsSignature({ headers, body }: Seen["requests"][number]): string {
  const stamp = headers.get("x-amz-date") ?? "";
  const canonical = `POST\n/v2/email/outbound-emails\n\nhost:${sesHost}\nx-amz-content-sha256:${hex(body)}\nx-amz-date:${stamp}\n\nhost;x-amz-content-sha256;x-amz-date\n${hex(body)}`;
  const scope = `${stamp.slice(0, 8)}/eu-west-1/ses/aws4_request`;
  const day = mac(`AWS4${secretOf.PROVIDER_KEY}`, stamp.slice(0, 8));
  const key = mac(mac(mac(day, "eu-west-1"), "ses"), "aws4_request");
  const signed = mac(key, `AWS4-HMAC-SHA256\n${stamp}\n${scope}\n${hex(canonical)}`);
  return `AWS4-HMAC-SHA256 Credential=${secretOf.ACCESS_KEY}/${scope}, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=${signed.toString("hex")}`;
}

interface Case {
  readonly to: string;
  readonly host: string;
  readonly deliver: object;
  readonly answer: object;
  check(request: Seen["requests"][number]): void;
}

const cases: Record<string, Case> = {
  resend: {
    to: "ada@example.com",
    host: "api.resend.com",
    deliver: { provider: "resend", token: "PROVIDER_KEY", from: "Acme <a@acme.test>" },
    answer: { id: "49a3999c" },
    check({ url, headers, body }) {
      expect(url).toBe("https://api.resend.com/emails");
      expect(headers.get("authorization")).toBe(`Bearer ${secretOf.PROVIDER_KEY}`);
      expect(JSON.parse(body)).toMatchObject({
        from: "Acme <a@acme.test>",
        to: ["ada@example.com"],
      });
    },
  },
  ses: {
    to: "ada@example.com",
    host: sesHost,
    deliver: {
      provider: "ses",
      region: "eu-west-1",
      access_key: "ACCESS_KEY",
      secret_key: "PROVIDER_KEY",
      from: "a@acme.test",
    },
    answer: { MessageId: "0100" },
    check(request) {
      expect(request.url).toBe(`https://${sesHost}/v2/email/outbound-emails`);
      expect(request.headers.get("authorization")).toBe(awsSignature(request));
      expect(JSON.parse(request.body)).toMatchObject({
        FromEmailAddress: "a@acme.test",
        Destination: { ToAddresses: ["ada@example.com"] },
        Content: { Simple: { Subject: { Data: "Your code for Acme" } } },
      });
    },
  },
  twilio: {
    to: "+4915112345678",
    host: "api.twilio.com",
    deliver: { provider: "twilio", account_sid: sid, token: "PROVIDER_KEY", from: "+15005550006" },
    answer: { sid: "SM1", status: "queued" },
    check({ url, headers, body }) {
      expect(url).toBe(`https://api.twilio.com/2010-04-01/Accounts/${sid}/Messages.json`);
      expect(headers.get("authorization")).toBe(`Basic ${btoa(`${sid}:${secretOf.PROVIDER_KEY}`)}`);
      const form = new URLSearchParams(body);
      expect([form.get("To"), form.get("From")]).toEqual(["+4915112345678", "+15005550006"]);
    },
  },
  msg91: {
    to: "+919876543210",
    host: "control.msg91.com",
    deliver: { provider: "msg91", token: "PROVIDER_KEY", template_id: "65f0" },
    answer: { type: "success", message: "3763646c3058373530393938" },
    check({ url, headers, body }) {
      expect(url).toBe("https://control.msg91.com/api/v5/flow");
      expect(headers.get("authkey")).toBe(secretOf.PROVIDER_KEY);
      expect(JSON.parse(body)).toEqual({
        template_id: "65f0",
        short_url: "0",
        recipients: [{ mobiles: "919876543210", otp: expect.stringMatching(/^\d{6}$/) }],
      });
    },
  },
  http: {
    to: "ada@example.com",
    host: "deliver.test",
    deliver: { provider: "http", url: "https://deliver.test/send", token: "PROVIDER_KEY" },
    answer: {},
    check({ headers, body }) {
      expect(headers.get("authorization")).toBe(`Bearer ${secretOf.PROVIDER_KEY}`);
      expect(JSON.parse(body)).toMatchObject({
        to: "ada@example.com",
        subject: "Your code for Acme",
      });
    },
  },
};

/** A public endpoint behind which the gate stands. */
async function gatePlace({ to, host, deliver }: Case) {
  const where = await place();
  const secrets = Object.entries(secretOf).map(([name]) => {
    return { name, purpose: "Sends codes.", kind: "token" as const, hosts: [host] };
  });
  for (const secret of secrets) {
    unwrap(await where.stub.declareSecret(secret));
    unwrap(await where.stub.putSecret(secret.name, secretOf[secret.name as keyof typeof secretOf]));
  }
  const workflow = workflowSchema.parse({
    name: "entry",
    nodes: [
      { id: "start", type: "trigger", config: { source: "endpoint" } },
      { id: "gate", type: "auth_gate", config: { to, service: "Acme", deliver } },
    ],
    edges: [{ from: "start", to: "gate" }],
    output: { who: "{{ vars.identity.address }}" },
  });
  const definition = { workflow, functions: {}, egress: [], secrets };
  const endpoint = { workflow: "entry", description: "Entry.", auth: "public" as const };
  unwrap(
    await where.stub.putLive([
      { kind: "workflow", name: "entry", version: 1, definition },
      { kind: "endpoint", name: "entry", version: 1, definition: endpoint },
    ]),
  );
  return where;
}

function post(path: string, body: unknown) {
  return exports.default.fetch(`https://aerostack.test${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

interface Standing {
  run_id: string;
  status: string;
  output?: unknown;
  waits?: { link: string; message: string }[];
}

it.each(Object.entries(cases))(
  "%s gets what its API asks for, and the caller of the endpoint goes on with the code",
  async (_, one) => {
    const where = await gatePlace(one);
    const seen = network({ [one.host]: () => Promise.resolve(Response.json(one.answer)) });
    const started = await post(`/e/${where.identity.slug}/entry`, {});
    const standing = await started.json<Standing>();
    expect([started.status, standing.status]).toEqual([202, "waiting"]);
    const [request] = seen.requests;
    if (!request) throw new Error("nothing was sent");
    one.check(request);
    expect(JSON.stringify(standing)).not.toContain("canary");
    expect(request.headers.get("aerostack-sign")).toBeNull();

    const code = /\b\d{6}\b/.exec(decodeURIComponent(request.body.replaceAll("+", " ")))?.[0] ?? "";
    expect(JSON.stringify(standing)).not.toContain(code);
    const answers = `/runs/${standing.run_id}/answers`;
    const miss = await (
      await post(answers, { step: "gate", payload: { code: "000" } })
    ).json<Standing>();
    expect(miss.waits?.[0]?.message).toContain("4 attempts left");
    const hit = await post(answers, { step: "gate", payload: { code } });
    expect(await hit.json()).toMatchObject({ status: "succeeded", output: { who: one.to } });
    const again = await post(answers, { step: "gate", payload: { code } });
    expect(again.status).toBe(401);
  },
);

it("a provider that says no in a good answer has not sent", async () => {
  const { msg91 } = cases;
  if (!msg91) throw new Error("no case");
  const where = await gatePlace(msg91);
  const no = { type: "error", message: "template not approved" };
  network({ [msg91.host]: () => Promise.resolve(Response.json(no)) });
  const started = await post(`/e/${where.identity.slug}/entry`, {});
  expect(await started.json()).toMatchObject({ error: { code: "auth.not-sent" } });
});

it("a person answers on the page, and a stranger nothing but an open question", async () => {
  const { http } = cases;
  if (!http) throw new Error("no case");
  const where = await gatePlace(http);
  const seen = network({ [http.host]: () => Promise.resolve(Response.json({})) });
  const standing = await (await post(`/e/${where.identity.slug}/entry`, {})).json<Standing>();
  const { code } = JSON.parse(seen.requests[0]?.body ?? "{}") as { code: string };
  const elsewhere = await post(`/runs/${standing.run_id}/answers`, { step: "start", payload: {} });
  expect(elsewhere.status).toBe(401);
  const link = standing.waits?.[0]?.link ?? "";
  const press = (fields: Record<string, string>) =>
    exports.default.fetch(link, {
      method: "POST",
      headers: { Accept: "text/html", "Sec-Fetch-Site": "same-origin" },
      body: new URLSearchParams(fields),
    });
  expect(await (await exports.default.fetch(link)).text()).toContain("Sign in to Acme");
  expect(await (await press({ code: "1" })).text()).toContain("4 attempts left");
  expect(await (await press({ code: ` ${code} ` })).text()).toContain("You are signed in");
  expect(await (await press({ code })).text()).toContain("You are signed in");
});

it("a mailed link signs in with one press, and looking at it does nothing", async () => {
  const { http } = cases;
  if (!http) throw new Error("no case");
  const where = await place();
  const workflow = workflowSchema.parse({
    name: "entry",
    nodes: [
      { id: "start", type: "trigger", config: { source: "endpoint" } },
      {
        id: "gate",
        type: "auth_gate",
        config: {
          method: "magic_link",
          to: http.to,
          service: "Acme",
          deliver: { provider: "http", url: "https://deliver.test/send" },
        },
      },
    ],
    edges: [{ from: "start", to: "gate" }],
  });
  const definition = { workflow, functions: {}, egress: [], secrets: [] };
  const endpoint = { workflow: "entry", description: "Entry.", auth: "public" as const };
  unwrap(
    await where.stub.putLive([
      { kind: "workflow", name: "entry", version: 1, definition },
      { kind: "endpoint", name: "entry", version: 1, definition: endpoint },
    ]),
  );
  const seen = network({ [http.host]: () => Promise.resolve(Response.json({})) });
  await post(`/e/${where.identity.slug}/entry`, {});
  const { link } = JSON.parse(seen.requests[0]?.body ?? "{}") as { link: string };
  for (let look = 0; look < 2; look += 1) {
    expect(await (await exports.default.fetch(link)).text()).toContain("It was me: sign in");
  }
  const init = { method: "POST", headers: { "Sec-Fetch-Site": "same-origin" } };
  const body = new URLSearchParams({});
  const done = await exports.default.fetch(link, { ...init, body });
  expect(await done.text()).toContain("You are signed in");
});
