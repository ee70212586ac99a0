import { runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ProtectedServer } from "#edge/gateway/connections/issuer.fixture";
import { network, place, type Place, type Seen } from "#edge/gateway/gateway.fixture";
import { answer, besides, call, link, plainTool, text, upstream } from "./upstream.fixture.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** The tests' operator opened 127.0.0.1 and localhost, so that these are their neighbours. */
const addresses = [
  "https://169.254.169.254/latest/meta-data/",
  "https://[fd00:ec2::254]/",
  "https://metadata.google.internal/computeMetadata/v1/",
  "https://127.2/",
  "https://0x7f000002/",
  "https://2130706434/",
  "https://0177.0.0.2/",
  "https://0x7f.0.0x0.2/",
  "https://[::1]/",
  "https://[::ffff:7f00:2]/",
  "https://[::ffff:169.254.169.254]/",
  "https://[64:ff9b::a9fe:a9fe]/",
  "https://[2002:a00:1::]/",
  "https://[fe80::1]/",
  "https://0.0.0.0/",
  "https://0/",
  "https://10.0.0.1/",
  "https://172.16.0.1/",
  "https://172.31.255.255/",
  "https://192.168.0.1/",
  "https://100.64.0.1/",
  "https://198.18.0.1/",
  "https://224.0.0.1/",
  "https://255.255.255.255/",
  "https://app.localhost./",
  "https://printer.local/",
  "https://db.internal./",
  "https://intranet/",
  "https://１０.0.0.1/",
  "https://①⓪.0.0.1/",
  "https://10。0。0。1/",
  "https://10.0.0.1%2f.example/",
  "https://%31%30.0.0.1/",
  "http://169.254.169.254/",
  "http://public.example/",
  "https://user@public.example/",
];

/** Mail, shells, stores; the operator who opened 127.0.0.1 did not mean these either. */
const neverHttp = [
  "https://up.example:22/",
  "https://up.example:25/",
  "https://up.example:0/",
  "https://up.example:6379/",
  "https://up.example:06379/",
  "https://up.example:10080/",
  "https://127.0.0.1:6379/",
];

const otherSchemes = [
  "file:///etc/passwd",
  "data:text/plain,x",
  "ws://up.example/",
  "gopher://up.example/",
  "javascript:1",
  "up.example",
  "",
];

/** Where requests went that went to neither of our two servers, or without TLS. */
const strays = ({ requests }: Seen, hosts = ["up.example", "two.example"]) =>
  requests
    .map(({ url }) => url)
    .filter((url) => !hosts.some((host) => new URL(url).origin === `https://${host}`));

/** A link that was stored before the operator, or a release, closed its address. */
async function stored(where: Place, url: string): Promise<void> {
  const source = { kind: "external", url };
  const definition = JSON.stringify({ alias: "up", source, auth: { type: "none" } });
  const era = JSON.stringify({ kind: "modern", capabilities: {} });
  await runInDurableObject(where.stub as unknown as DurableObjectStub, (_object, { storage }) => {
    storage.sql.exec(
      "INSERT INTO links (alias, definition, state, tools, era, refreshed_at) VALUES ('up', ?, 'ready', ?, ?, ?)",
      definition,
      JSON.stringify([plainTool("do")]),
      era,
      Date.now(),
    );
  });
}

describe("an address that is not public", () => {
  it.each([...addresses, ...otherSchemes, ...neverHttp])("is not linked: %s", async (url) => {
    const seen = network({});
    const where = await place();
    const source = { kind: "external" as const, url };
    const refused = await where.stub.linkMcp({ alias: "up", source, auth: { type: "none" } });
    expect(refused).toMatchObject({
      ok: false,
      error: { code: expect.stringMatching(/^(egress\.|mcp\.url)/) as string },
    });
    expect(seen.requests).toEqual([]);
  });

  it.each(addresses.filter((url) => !/@|%2f/.test(url)))(
    "is not called either: %s",
    async (url) => {
      const seen = network({});
      const where = await place();
      await stored(where, url);
      const { token } = await where.token();
      expect(await call(where, token)).toMatch(/egress\.(private-address|not-https)/);
      expect(seen.requests).toEqual([]);
    },
  );

  it.each(neverHttp)("nor at a port that is never HTTP: %s", async (url) => {
    const seen = network({ "up.example": upstream({}) });
    const where = await place();
    await stored(where, url);
    const { token } = await where.token();
    expect(await call(where, token)).toContain("egress.bad-port");
    expect(seen.requests).toEqual([]);
  });

  it("is the only thing that stops such a call", async () => {
    network({ "up.example": upstream({ "tools/call": (heard) => answer(heard, text("ran")) }) });
    const where = await place();
    await stored(where, "https://up.example/");
    const { token } = await where.token();
    expect(await call(where, token)).toContain("ran");
  });
});

describe("a redirect is followed nowhere", () => {
  const targets = [
    "https://169.254.169.254/",
    "http://up.example/mcp",
    "https://evil.example/",
    "//10.0.0.1/",
    "/mcp",
    "\\\\10.0.0.1\\x",
    "file:///etc/passwd",
  ];
  it.each(
    [301, 302, 303, 307, 308].flatMap((status) => targets.map((to) => [status, to] as const)),
  )("HTTP %i to %s", async (status, location) => {
    const redirect = () => new Response(null, { status, headers: { location } });
    const { where, token, seen } = await besides({ "tools/call": redirect });
    const before = seen.requests.length;
    expect(await call(where, token)).toContain("mcp.redirect");
    expect(seen.requests).toHaveLength(before + 1);
    await besides({ "tools/list": redirect });
    expect(strays(seen)).toEqual([]);
  });
});

/** A sign-in from the link to its tokens, as the person's browser does it. */
async function finish(
  where: Place,
  server: ProtectedServer,
  { url, browser }: { url: string; browser: string },
) {
  const back = await server.fetch(new Request(url, { redirect: "manual" }));
  const { searchParams } = new URL(back.headers.get("location")!);
  const [state = "", code = "", iss = ""] = ["state", "code", "iss"].map(
    (name) => searchParams.get(name) ?? "",
  );
  return where.stub.finishConnection({ state, browser, code, iss });
}

describe("of what a server says about its sign-in, nothing private is fetched:", () => {
  const resource = "https://mcp.example/mcp";
  const issuer = "https://login.example/tenant";
  const auth = { type: "oauth", per: "workspace", base: "https://aerostack.test" } as const;
  const begin = async (change: (server: ProtectedServer) => void) => {
    const server = new ProtectedServer(resource, issuer, upstream({}));
    change(server);
    const seen = network({ "mcp.example": server.fetch, "login.example": server.fetch });
    const where = await place();
    await link(where, { source: { kind: "external", url: resource }, auth });
    const begun = await where.stub.beginConnection({ alias: "up", member: "" });
    const finished = begun.ok ? await finish(where, server, begun.value) : undefined;
    return { begun, finished, strays: strays(seen, ["mcp.example", "login.example"]) };
  };
  const some = [
    "https://169.254.169.254/a",
    "https://[::1]/a",
    "https://2130706434/a",
    "http://login.example/a",
    "file:///a",
    "https://login.example:6379/a",
  ];

  it.each(some)("resource_metadata %s", async (url) => {
    const told = await begin((server) => {
      server.metadataUrl = url;
    });
    expect(told.strays).toEqual([]);
  });

  it.each(
    some.flatMap((url) =>
      ["registration_endpoint", "token_endpoint"].map((field) => [field, url] as const),
    ),
  )("%s %s", async (field, url) => {
    const told = await begin((server) => {
      server.claims = { [field]: url };
    });
    expect(told.strays).toEqual([]);
    const refused = field === "registration_endpoint" ? told.begun : told.finished;
    expect(refused).toMatchObject({ ok: false });
  });

  it("nothing else stops a sign-in", async () => {
    const told = await begin(() => undefined);
    expect(told).toMatchObject({ begun: { ok: true }, finished: { ok: true }, strays: [] });
  });

  it.each(some)("authorization_servers %s", async (url) => {
    const told = await begin((server) => {
      server.claims = { authorization_servers: [url] };
    });
    expect(told).toMatchObject({ begun: { ok: false }, strays: [] });
  });

  it.each([
    "jwks_uri",
    "logo_uri",
    "op_policy_uri",
    "introspection_endpoint",
    "resource_documentation",
  ])("%s is not asked at all", async (field) => {
    const told = await begin((server) => {
      server.claims = { [field]: "https://evil.example/x" };
    });
    expect(told).toMatchObject({ begun: { ok: true }, strays: [] });
  });

  it.each(["oauth-protected-resource", "oauth-authorization-server", "/register"])(
    "where %s redirects",
    async (path) => {
      const told = await begin((server) => {
        const { fetch } = server;
        Object.assign(server, {
          fetch: (request: Request) =>
            request.url.includes(path)
              ? Promise.resolve(Response.redirect("https://169.254.169.254/", 307))
              : fetch(request),
        });
      });
      expect(told).toMatchObject({ begun: { ok: false }, strays: [] });
    },
  );
});
