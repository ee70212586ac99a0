import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { Env } from "#edge/env";
import { app } from "#mcp-server/app";
import { place } from "../gateway.fixture.ts";
import { base, type Route, routes } from "./routes.fixture.ts";

/** The platform as an operator runs it, who said what its public URL is. */
const configured = { ...(env as unknown as Env), AEROSTACK_URL: base };

let slug: string;
beforeAll(async () => {
  slug = (await place()).identity.slug;
});

async function visit(route: Route, headers: Record<string, string>, at = base) {
  const context = createExecutionContext();
  const request = new Request(`${at}${route.path({ slug })}`, {
    method: route.method,
    headers: { accept: "application/json", "content-type": "application/json", ...headers },
    ...(route.method === "POST" ? { body: "{}" } : {}),
  });
  const response = await app.fetch(request, configured, context);
  const text = await response.text();
  await waitOnExecutionContext(context);
  return { status: response.status, headers: response.headers, text };
}

/** What a browser could be made to use: MCP, and the forms of our own pages. */
const isMcp = ({ pattern }: Route) => /^\/(?:ws|mcp)(?:\/|$)/.test(pattern);
const isForm = ({ method, pattern }: Route) =>
  method === "POST" && /^\/(?:go|connect)\/|^\/oauth\/.*\/authorize$/.test(pattern);
/** Needs a credential that no browser adds by itself, or tells everybody the same. */
const isOpen = ({ method, pattern }: Route) =>
  /^\/(?:$|healthz|e\/|hooks\/|bots\/|runs\/|registry\/|v0\.1\/|docs|\.well-known\/)/.test(
    pattern,
  ) ||
  /^\/oauth\/(?:callback|client\.json|.*\/(?:token|register))$/.test(pattern) ||
  (method === "GET" && /^\/(?:go|connect)\/|\/authorize$/.test(pattern));

it.each(routes)("$label is guarded, or of no use to a foreign page", (route) => {
  expect([isMcp, isForm, isOpen].filter((one) => one(route))).toHaveLength(1);
});

const foreign = [
  "https://evil.example",
  "http://aerostack.test",
  "https://aerostack.test:8443",
  "https://aerostack.test.evil.example",
  "https://evil-aerostack.test",
  "https://aerostack.test@evil.example",
  "https://aerostack.test, https://evil.example",
  "https://localhost.evil.example",
  "https://127.0.0.1.evil.example",
  "http://0.0.0.0",
  "http://192.168.0.1",
  "file://",
  "chrome-extension://abcdef",
  "nonsense",
];
const own = [
  "https://aerostack.test",
  "HTTPS://AEROSTACK.TEST",
  "https://aerostack.test:443",
  "http://localhost:5173",
  "http://127.0.0.1:3000",
  "http://[::1]:8080",
];

describe.each(routes.filter(isMcp))("$label", (route) => {
  it.each([...foreign, "null", ""])("refuses the origin %j", async (origin) => {
    const { status, text } = await visit(route, { origin });
    expect([status, text]).toEqual([403, expect.stringContaining('"http.origin"')]);
  });

  it.each(own)("knows the origin %s", async (origin) => {
    expect((await visit(route, { origin })).text).not.toContain('"http.origin"');
  });

  it.each([
    "https://evil.example",
    "https://aerostack.test.evil.example",
    "https://aerostack.test:8443",
    "http://127.0.0.1.evil.example",
    "http://192.168.0.1:8787",
  ])("does not answer for the host of %s", async (at) => {
    const { status, text } = await visit(route, {}, at);
    expect([status, text]).toEqual([403, expect.stringContaining('"http.host"')]);
  });

  it.each(["http://localhost:8787", "http://127.0.0.1:8787", "http://[::1]:8787"])(
    "answers on this machine at %s",
    async (at) => {
      expect((await visit(route, {}, at)).text).not.toContain('"http.host"');
    },
  );
});

describe.each(routes.filter(isForm))("$label", (route) => {
  const ways: [string, Record<string, string>][] = [
    ...foreign.map((origin): [string, Record<string, string>] => [origin, { origin }]),
    ["a cross-site fetch", { "sec-fetch-site": "cross-site" }],
    ["a same-site fetch of a sibling", { "sec-fetch-site": "same-site" }],
    ["cross-site with our origin", { "sec-fetch-site": "cross-site", origin: base }],
  ];
  it.each(ways)("takes no form of %s", async (_what, headers) => {
    const { status, text } = await visit(route, headers);
    expect([status, text]).toEqual([403, expect.stringContaining("another site")]);
  });
});

describe.each(routes)("$label, asked by a foreign page,", (route) => {
  it("lets no browser read an answer with credentials, and names no host that it was told", async () => {
    for (const at of [base, "https://evil.example"]) {
      const { headers, text } = await visit(route, { origin: "https://evil.example" }, at);
      expect(headers.get("access-control-allow-credentials")).toBeNull();
      if (isMcp(route)) expect(headers.get("access-control-allow-origin")).toBeNull();
      expect(headers.get("location") ?? "").not.toContain("evil.example");
      expect(text.replace("does not answer for evil.example", "")).not.toContain("evil.example");
    }
  });
});
