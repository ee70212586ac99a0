import { expect, describe, it } from "vitest";
import { InputError } from "#blueprints/error";
import type { Delivery, Platform, PlatformRefusal } from "./platform.ts";
import { platforms } from "./platforms/index.ts";
import { vendors } from "./vendors/index.fixture.ts";
import type { Vendor } from "./vendors/vendor.fixture.ts";

const files = Object.keys(import.meta.glob(["./platforms/*.ts", "!**/index.ts"]));
const now = Date.parse("2026-11-27T12:00:00Z");
const seconds = now / 1000;

/** Only what verifies, as the route hands it over. */
function verifying({ secrets: roles }: Platform, values: Vendor["secrets"]) {
  const inner = Object.entries(roles).filter(([, { hosts }]) => hosts === undefined);
  return Object.fromEntries(inner.map(([role]) => [role, values[role] ?? ""]));
}

function post(body: string, headers: Record<string, string>): Delivery {
  const url = new URL("https://aerostack.test/bots/bot_1/x");
  const raw = new Uint8Array(new TextEncoder().encode(body));
  return { method: "POST", url, headers: new Headers(headers), raw, now };
}

async function signed(vendor: Vendor, body: object | string, at = seconds): Promise<Delivery> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return post(text, await vendor.sign(text, vendor.secrets, at));
}

it("has one file per platform, named as in the blueprint, and knows each vendor", () => {
  const names = files.map((file) => file.replace(/^.*\/|\.ts$/g, ""));
  expect(Object.keys(platforms).toSorted()).toEqual(names.toSorted());
  expect(Object.keys(vendors).toSorted()).toEqual(names.toSorted());
  for (const [name, platform] of Object.entries(platforms)) expect(platform.name).toBe(name);
});

const cases = Object.entries(platforms).flatMap(([name, platform]) => {
  const vendor = vendors[name];
  return vendor ? [{ name, platform, vendor }] : [];
});

describe.each(cases)("$name", ({ platform, vendor }) => {
  const secrets = verifying(platform, vendor.secrets);
  const receive = async (delivery: Delivery) => platform.receive(delivery, secrets);
  const hello = vendor.message("hello");

  it("reads what a person wrote", async () => {
    const received = await receive(await signed(vendor, hello));
    expect(received?.messages).toMatchObject([{ ...vendor.read, text: "hello" }]);
    expect(received?.messages[0]?.id).toMatch(/./);
    expect(received?.messages[0]?.isOverheard).toBeUndefined();
  });

  it.each(Object.keys(vendor.also))("reads %s", async (what) => {
    const received = await receive(await signed(vendor, vendor.also[what]?.body ?? {}));
    expect(received?.messages).toEqual(vendor.also[what]?.read);
  });

  it.each(Object.keys(vendor.ignored))("answers nothing to %s", async (what) => {
    const received = await receive(await signed(vendor, vendor.ignored[what] ?? {}));
    expect(received?.messages).toEqual([]);
  });

  it("gives a message that comes twice the same id, and another one another", async () => {
    const ids = [];
    for (const number of [1, 1, 2]) {
      const received = await receive(await signed(vendor, vendor.message("hello", number)));
      ids.push(received?.messages[0]?.id);
    }
    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  it("refuses what its sender did not sign", async () => {
    const text = JSON.stringify(hello);
    const headers = await vendor.sign(text, vendor.secrets, seconds);
    const others = await vendor.sign(text, vendor.others, seconds);
    const cut = Object.entries(headers).map(([name, value]) => [name, value.slice(0, -1)] as const);
    const tries: Record<string, Delivery> = {
      "no signature": post(text, {}),
      "empty headers": post(text, Object.fromEntries(cut.map(([name]) => [name, ""]))),
      "headers cut off": post(text, Object.fromEntries(cut)),
      "the secret of another bot": post(text, others),
      "a body that was altered": post(`${text} `, headers),
      "a body that is not text": { ...post("", headers), raw: new Uint8Array([0xff, 0xfe]) },
      "a GET": { ...post(text, headers), method: "GET" },
    };
    if (!vendor.isBodySigned) {
      delete tries["a body that was altered"];
      delete tries["a body that is not text"];
    }
    for (const [what, delivery] of Object.entries(tries)) {
      expect(await receive(delivery), what).toBeUndefined();
    }
  });

  it("is refused where a secret was never entered", async () => {
    const none = Object.fromEntries(Object.keys(secrets).map((role) => [role, ""]));
    const text = JSON.stringify(hello);
    const guessed = await vendor.sign(text, { ...vendor.secrets, ...none }, seconds);
    for (const values of [none, {}]) {
      expect(await platform.receive(post(text, guessed), values)).toBeUndefined();
    }
  });

  it.runIf(vendor.isTimed)("refuses what was signed long ago, or for a time to come", async () => {
    for (const off of [-301, 301]) {
      expect(await receive(await signed(vendor, hello, seconds + off))).toBeUndefined();
    }
    const text = JSON.stringify(hello);
    const old = await vendor.sign(text, vendor.secrets, seconds - 301);
    const fresh = Object.entries(old).map(([name, value]) => {
      return [name, value === String(seconds - 301) ? String(seconds) : value];
    });
    expect(await receive(post(text, Object.fromEntries(fresh)))).toBeUndefined();
  });

  it.runIf(vendor.handshake)("answers the handshake to its vendor alone", async () => {
    const { method, query, role = "", body, answer } = vendor.handshake!;
    for (const values of [vendor.secrets, vendor.others]) {
      const text = body === undefined ? "" : JSON.stringify(body);
      const delivery = post(text, text === "" ? {} : await vendor.sign(text, values, seconds));
      const url = new URL(`?${query ?? ""}${encodeURIComponent(values[role] ?? "")}`, delivery.url);
      const received = await receive({ ...delivery, method, url });
      if (values === vendor.secrets) expect(await received?.answer?.text()).toBe(answer);
      else expect(received).toBeUndefined();
      expect(received?.messages ?? []).toEqual([]);
    }
  });

  it("bears whatever shape comes under a right signature", async () => {
    const shapes = ["null", "[]", "7", '"x"', "{}", ...hollowed(hello)];
    for (const shape of shapes) {
      const received = await receive(await signed(vendor, shape));
      expect(received?.messages, shape).toEqual(expect.any(Array));
    }
    for (const bad of ["", "payload=%7B%7D", "{", "[".repeat(5_000) + "]".repeat(5_000)]) {
      // Nothing is signed by a body that is empty, with some.
      const outcome = await receive(await signed(vendor, bad)).catch((error: unknown) => error);
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(InputError);
      else expect(Reflect.get(outcome ?? { messages: [] }, "messages")).toEqual([]);
    }
  });

  it("sends into the thread, and names no secret but by its handle", () => {
    const roles: string[] = [];
    const port = {
      secret: (role: string) => `<${roles[roles.push(role) - 1]}>`,
      idempotencyKey: "run/step/1",
      now,
    };
    const text = "a & b <@everyone> " + "x".repeat(platform.longestText - 18);
    const { url, init } = platform.toRequest({ thread: vendor.read.thread, text }, port);
    expect(url).toMatch(vendor.sends.url);
    const escaped =
      vendor.host === "slack.com"
        ? text.replace("& b <@everyone>", "&amp; b &lt;@everyone&gt;")
        : text;
    expect(JSON.parse(init.body as string)).toMatchObject(vendor.sends.body(escaped));
    const whole = JSON.stringify([url, init]);
    for (const value of Object.values(vendor.secrets)) expect(whole).not.toContain(value);
    expect(roles.length).toBeGreaterThan(0);
    for (const role of roles) {
      expect(whole).toContain(`<${role}>`);
      expect(platform.secrets[role]?.hosts).toContain(new URL(url.replace(/<.*>/, "x")).host);
    }
  });

  it.each(vendor.refusals)("understands the answer %d %j", (status, body, meant) => {
    const refusal = platform.refusal(status, body);
    if (meant === undefined) return expect(refusal).toBeUndefined();
    expect(refusal).toMatchObject({ reason: expect.stringMatching(/./), ...meant });
    const wanted = (meant as Partial<PlatformRefusal>).retryAfterMs;
    expect(refusal?.retryAfterMs).toBe(wanted);
  });
});

/** The body with each value in it left out, null, or of another kind. */
function hollowed(body: unknown): string[] {
  const found: string[] = [];
  const walk = (value: unknown, rebuild: (inner: unknown) => unknown) => {
    for (const other of [undefined, null, 7, "", {}, [], [null]]) {
      found.push(JSON.stringify(rebuild(other)) ?? "null");
    }
    if (typeof value !== "object" || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      walk(inner, (changed) => {
        const copy = Array.isArray(value) ? Array.from(value) : { ...value };
        Reflect.set(copy, key, changed);
        return rebuild(copy);
      });
    }
  };
  walk(body, (inner) => inner);
  return found;
}
