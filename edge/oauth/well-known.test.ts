import { expect, it } from "vitest";
import { place } from "#edge/gateway/gateway.fixture";
import { atBase, call, wire } from "./client.fixture.ts";

it("well-known documents exist below the OAuth URLs and nowhere else", async () => {
  const where = await place();
  const ws = `/ws/${where.identity.slug}`;
  const known = "/.well-known";
  const table: [string, number][] = [
    [`${known}/oauth-protected-resource${ws}/oauth`, 200],
    [`${known}/oauth-protected-resource/mcp/oauth`, 200],
    [`${known}/oauth-authorization-server/oauth${ws}`, 200],
    [`${known}/oauth-authorization-server/oauth/mcp`, 200],
    [`${known}/oauth-protected-resource`, 404],
    [`${known}/oauth-protected-resource${ws}`, 404],
    [`${known}/oauth-protected-resource/mcp`, 404],
    [`${known}/oauth-protected-resource/ws/no-such-place/oauth`, 404],
    [`${known}/oauth-authorization-server`, 404],
    [`${known}/oauth-authorization-server${ws}`, 404],
    [`${known}/oauth-authorization-server${ws}/oauth`, 404],
    [`${known}/oauth-authorization-server/mcp`, 404],
    [`${known}/openid-configuration`, 404],
    [`${known}/openid-configuration${ws}/oauth`, 404],
    [`${ws}${known}/oauth-authorization-server`, 404],
  ];
  for (const [path, status] of table) {
    expect((await wire(atBase(path))).status, path).toBe(status);
  }
  for (const plain of [ws, "/mcp"]) {
    const challenge = (await call(atBase(plain))).headers.get("www-authenticate");
    expect(challenge, plain).not.toContain("resource_metadata");
  }
  for (const path of [`${ws}/oauth`, "/mcp/oauth"]) {
    const challenge = (await call(atBase(path))).headers.get("www-authenticate");
    const metadata = atBase(`${known}/oauth-protected-resource${path}`).href;
    expect(challenge, path).toContain(`resource_metadata="${metadata}"`);
  }
});
