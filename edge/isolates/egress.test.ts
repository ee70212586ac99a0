import { env as bindings, exports } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import type { Env } from "#edge/env";
import { workspaceStub } from "#edge/gateway/stub";
import { compile } from "#edge/isolates/bundle";
import { egressFetch } from "#edge/isolates/egress";
import { forwarded } from "#edge/isolates/forwarded";
import { secretHandle } from "#edge/isolates/handles";
import type { IsolateGrant } from "#edge/isolates/isolate";
import { runFunction } from "#edge/isolates/run";
import { openTicket, sealTicket } from "#edge/isolates/ticket";

const env = bindings as unknown as Env;
const grant: IsolateGrant = {
  workspaceId: "wks_egress",
  egress: ["api.example.com", "*.other.example:8443"],
  secrets: ["API_KEY", "HOOK_URL"],
  mode: "live",
};
const sent: Request[] = [];
let answer: (request: Request) => Response;

beforeEach(async () => {
  const workspace = workspaceStub(env, grant.workspaceId);
  const identity = { id: grant.workspaceId, slug: "egress", name: "Egress", accountId: "acc_1" };
  unwrap(await workspace.initialise(identity));
  const token = {
    name: "API_KEY",
    purpose: "",
    kind: "token" as const,
    hosts: ["api.example.com"],
  };
  unwrap(await workspace.declareSecret(token));
  unwrap(await workspace.putSecret("API_KEY", "sk-live-0123456789"));
  unwrap(await workspace.declareSecret({ name: "HOOK_URL", purpose: "", kind: "url", hosts: [] }));
  unwrap(await workspace.putSecret("HOOK_URL", "https://hooks.example.net/T0/B0/secretpart"));
  sent.length = 0;
  answer = () => new Response("fine");
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    sent.push(request.clone());
    return answer(request);
  });
});

afterEach(() => vi.restoreAllMocks());

const ask = (url: string, init?: RequestInit) => egressFetch(env, grant, new Request(url, init));

describe("secrets", () => {
  it("take the place of their handles in headers and URLs on the way out, in nothing that comes back", async () => {
    answer = (request) =>
      Response.json({ echo: request.headers.get("authorization"), url: request.url });
    const url = `https://api.example.com/bot${secretHandle("API_KEY")}/send`;
    const response = await ask(url, {
      headers: { authorization: `Bearer ${secretHandle("API_KEY")}` },
    });
    expect(sent[0]?.headers.get("authorization")).toBe("Bearer sk-live-0123456789");
    expect(sent[0]?.url).toBe("https://api.example.com/botsk-live-0123456789/send");
    expect(await response.text()).not.toContain("sk-live");
  });

  it("may be a whole URL, which needs no other permission", async () => {
    await ask(secretHandle("HOOK_URL"), { method: "POST", body: "hello" });
    expect(sent[0]?.url).toBe("https://hooks.example.net/T0/B0/secretpart");
    expect(await sent[0]?.text()).toBe("hello");
  });

  it("do not come back when a webhook echoes its path, whatever type it claims", async () => {
    const bytes = new Uint8Array([0xff, 0xfe, 0x00]);
    for (const type of ["text/plain", "application/octet-stream", "text/event-stream"]) {
      answer = (request) =>
        new Response(new Blob([bytes, `no_service ${new URL(request.url).pathname}`]), {
          headers: { "content-type": type, "x-path": new URL(request.url).pathname },
        });
      const response = await ask(secretHandle("HOOK_URL"), { method: "POST", body: "hello" });
      expect(response.headers.get("x-path")).toBe("[redacted]");
      const body = new Uint8Array(await response.arrayBuffer());
      expect(Buffer.from(body).toString("latin1")).toMatch(/no_service \[redacted\]$/);
      if (type === "application/octet-stream") expect(body.slice(0, 3)).toEqual(bytes);
    }
  });

  it("with a line break go into no header, and the refusal does not quote them", async () => {
    const value = "first-line-of-it\r\nx-injected: yes";
    unwrap(await workspaceStub(env, grant.workspaceId).putSecret("API_KEY", value));
    const request = ask("https://api.example.com/", {
      headers: { "x-key": secretHandle("API_KEY") },
    });
    await expect(request).rejects.toMatchObject({ code: "secret.not-for-a-header" });
    await expect(request).rejects.not.toThrow(/first-line/);
    expect(sent).toEqual([]);
  });

  it("are not sent without TLS, not even to a host that they are bound to", async () => {
    const init = { headers: { authorization: secretHandle("API_KEY") } };
    await expect(ask("http://api.example.com/", init)).rejects.toMatchObject({
      code: expect.stringMatching(/^egress\./),
    });
    answer = () =>
      new Response(null, { status: 307, headers: { location: "http://api.example.com/" } });
    await expect(ask("https://api.example.com/", init)).rejects.toMatchObject({
      code: "egress.not-https",
    });
    expect(sent).toHaveLength(1);
  });

  it("are not given to hosts that they are not bound to, nor without a grant", async () => {
    const headers = { authorization: secretHandle("API_KEY") };
    await expect(ask("https://a.other.example:8443/", { headers })).rejects.toMatchObject({
      code: "secret.host-not-allowed",
    });
    const without = { ...grant, secrets: [] };
    const request = new Request("https://api.example.com/", { headers });
    await expect(egressFetch(env, without, request)).rejects.toMatchObject({
      code: "egress.secret-not-granted",
    });
    expect(sent).toEqual([]);
  });

  it("do not follow a redirect to another host", async () => {
    answer = (request) =>
      request.url.startsWith("https://api.")
        ? new Response(null, {
            status: 307,
            headers: { location: "https://b.other.example:8443/in" },
          })
        : new Response("there");
    const headers = {
      "x-key": secretHandle("API_KEY"),
      authorization: "Basic abc",
      accept: "text/plain",
    };
    const response = await ask("https://api.example.com/", { method: "POST", body: "b", headers });
    expect(await response.text()).toBe("there");
    expect(sent[0]?.headers.get("x-key")).toBe("sk-live-0123456789");
    expect([...(sent[1]?.headers.keys() ?? [])].sort()).toEqual(["accept", "content-type"]);
  });

  it("are seen by the author's code as handles only", async () => {
    answer = (request) => new Response(`you sent ${request.headers.get("authorization")}`);
    const code = await compile(`export default async (_, { secrets }) => {
      const response = await fetch("https://api.example.com/", { headers: { authorization: secrets.API_KEY } });
      return [secrets, await response.text()];
    }`);
    const result = await runFunction(env, { code, grant, input: null });
    expect(sent[0]?.headers.get("authorization")).toBe("sk-live-0123456789");
    expect(JSON.stringify(result)).not.toContain("sk-live");
    expect(result.output).toMatchObject([
      { API_KEY: expect.stringMatching(/^https:\/\/[0-9a-f]{32}\.secret\..*\/API_KEY$/) as string },
      expect.stringContaining("you sent"),
    ]);
  });
});

describe("handles that data brings along", () => {
  const guessed = [undefined, "0".repeat(32)].map((tag) => secretHandle("API_KEY", tag));

  it("are no handles where they stand in a URL or a header", async () => {
    const tagged = { ...grant, handleTag: "f".repeat(32) };
    for (const handle of guessed) {
      const url = `https://api.example.com/?q=${encodeURIComponent(handle)}`;
      const own = secretHandle("API_KEY", tagged.handleTag);
      const headers = { authorization: own, "x-title": handle };
      await egressFetch(env, tagged, new Request(url, { headers }));
      expect(sent.at(-1)?.headers.get("authorization")).toBe("sk-live-0123456789");
      expect(sent.at(-1)?.headers.get("x-title")).toBe(handle);
      expect(sent.at(-1)?.url).toBe(url);
      const hook = new Request(handle.replace("API_KEY", "HOOK_URL"), { method: "POST" });
      await expect(egressFetch(env, tagged, hook)).rejects.toMatchObject({
        code: "egress.host-not-allowed",
      });
    }
  });

  it("are none to an author's code either", async () => {
    const code = await compile(`export default async ({ q }, { secrets }) => {
      const url = "https://api.example.com/?q=" + encodeURIComponent(q);
      await fetch(url, { headers: { authorization: secrets.API_KEY } });
    }`);
    for (const q of guessed) {
      await runFunction(env, { code, grant, input: { q } });
      expect(sent.at(-1)?.headers.get("authorization")).toBe("sk-live-0123456789");
      expect(sent.at(-1)?.url).not.toContain("sk-live");
    }
  });
});

describe("hosts", () => {
  it("are checked on each hop of a redirect", async () => {
    for (const location of ["http://169.254.169.254/latest/meta-data", "https://evil.example/"]) {
      answer = () => new Response(null, { status: 302, headers: { location } });
      await expect(ask("https://api.example.com/")).rejects.toMatchObject({
        code: location.includes("169") ? "egress.private-address" : "egress.host-not-allowed",
      });
    }
  });

  it.each([
    "http://127.1/",
    "https://2130706433/",
    "https://0x7f.0.0.1/",
    "https://017700000001/",
    "http://169.254.169.254/latest/meta-data/",
    "https://[::1]/",
    "https://[fd00:ec2::254]/",
    "https://[fe80::1]/",
    "https://[::ffff:169.254.169.254]/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://[2002:7f00:1::]/",
    "https://localhost./",
    "https://api.localhost/",
    "https://metadata.google.internal/",
    "https://printer.local/",
    "https://intranet/",
    "https://100.64.0.1/",
    "https://0/",
  ])("that are private are refused in every spelling: %s", async (url) => {
    const closed = { ...env, AEROSTACK_ALLOW_HOSTS: "" };
    const open = { ...grant, egress: ["*"] };
    const answered = egressFetch(closed, open, new Request(url));
    await expect(answered).rejects.toMatchObject({ code: "egress.private-address" });
    expect(sent).toEqual([]);
  });

  it.each([22, 25, 6379])("are not called at port %i, which is never HTTP", async (port) => {
    const open = { ...grant, egress: [`api.example.com:${port}`, `127.0.0.1:${port}`] };
    const opened = { ...env, AEROSTACK_ALLOW_HOSTS: "127.0.0.1:*" };
    for (const host of ["https://api.example.com", "http://127.0.0.1"]) {
      const answered = egressFetch(opened, open, new Request(`${host}:${port}/`));
      await expect(answered).rejects.toMatchObject({ code: "egress.bad-port" });
    }
    answer = () => Response.redirect(`https://api.example.com:${port}/`, 307);
    await expect(ask("https://api.example.com/")).rejects.toMatchObject({
      code: "egress.bad-port",
    });
    expect(sent).toHaveLength(1);
  });

  it("need TLS, unless the operator opened them", async () => {
    await expect(ask("http://api.example.com/")).rejects.toMatchObject({
      code: "egress.not-https",
    });
    const local = { ...grant, egress: ["127.0.0.1:9000"] };
    const opened = { ...env, AEROSTACK_ALLOW_HOSTS: "127.0.0.1:9000" };
    await egressFetch(opened, local, new Request("http://127.0.0.1:9000/"));
    await expect(
      egressFetch(opened, local, new Request("http://127.0.0.1:9001/")),
    ).rejects.toMatchObject({
      code: "egress.private-address",
    });
    expect(sent).toHaveLength(1);
  });

  it("that fail are the upstream's error, which may be retried", async () => {
    answer = () => {
      throw new TypeError("connection refused");
    };
    const code = await compile(`export default () => fetch("https://api.example.com/")`);
    const call = runFunction(env, { code, grant, input: null });
    await expect(call).rejects.toMatchObject({
      kind: "upstream",
      code: "egress.unreachable",
      retryAfterMs: 1000,
    });
  });

  it("may not answer without end", async () => {
    answer = () => new Response(new Uint8Array(21_000_000));
    const response = await ask("https://api.example.com/");
    await expect(response.arrayBuffer()).rejects.toThrow();
  });
});

const forward = (headers: Record<string, string>) => {
  const entrypoint = (exports as unknown as { SandboxEgress: Fetcher }).SandboxEgress;
  return entrypoint.fetch("http://platform/", { headers });
};

describe("a ticket", () => {
  it("opens to its grant until it is over, and not after a change", async () => {
    const ticket = await sealTicket(env, { grant, expiresAt: 1000 });
    expect(await openTicket(env, ticket, 999)).toEqual(grant);
    await expect(openTicket(env, ticket, 1000)).rejects.toMatchObject({
      code: "egress.bad-ticket",
    });
    for (const at of [0, 20, ticket.length - 3]) {
      const changed = ticket.slice(0, at) + (ticket[at] === "A" ? "B" : "A") + ticket.slice(at + 1);
      await expect(openTicket(env, changed, 0)).rejects.toMatchObject({
        code: "egress.bad-ticket",
      });
    }
  });

  it("is worth nothing without the key of the sandbox process", async () => {
    const ticket = await sealTicket(env, { grant, expiresAt: Date.now() + 60_000 });
    const headers = { [forwarded.ticket]: ticket, [forwarded.url]: "https://api.example.com/" };
    for (const key of ["", "wrong"]) {
      const response = await forward({ ...headers, [forwarded.key]: key });
      expect(response.status).toBe(404);
    }
    expect(sent).toEqual([]);
  });
});
