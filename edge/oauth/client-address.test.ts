import { afterEach, expect, it, vi } from "vitest";
import { network, place } from "#edge/gateway/gateway.fixture";
import { atBase, wire } from "./client.fixture.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const address = "HTTPS://10.0.0.1/client";

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A JWT whose subject is `sub`; nobody signed it. */
function assertion(sub: string): string {
  return `${part({ alg: "RS256" })}.${part({ iss: sub, sub, aud: "x", exp: 4e9 })}.AAAA`;
}

it("a client that names itself by a private address is fetched nowhere, however it says so", async () => {
  const where = await place();
  const seen = network({ "10.0.0.1": () => Promise.resolve(Response.json({})) });
  const at = (path: string) => atBase(`/oauth/ws/${where.identity.slug}/${path}`);
  const page = at("authorize");
  page.search = String(new URLSearchParams({ client_id: address, response_type: "code" }));
  const statuses = [(await wire(page, { headers: { accept: "text/html" } })).status];
  const grant = { grant_type: "authorization_code", code: "x:y:z", code_verifier: "v" };
  const basic = Buffer.from(`${encodeURIComponent(address)}:secret`).toString("base64");
  const type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
  const signed = { client_assertion_type: type, client_assertion: assertion(address) };
  const ways: [Record<string, string>, Record<string, string>][] = [
    [{ client_id: address }, {}],
    [{}, { authorization: `Basic ${basic}` }],
    [signed, {}],
  ];
  for (const [fields, headers] of ways) {
    const body = new URLSearchParams({ ...grant, ...fields });
    statuses.push((await wire(at("token"), { method: "POST", headers, body })).status);
  }
  expect(statuses).toEqual([400, 400, 400, 400]);
  expect(seen.requests.map(({ url }) => url)).toEqual([]);
});
