import { exports } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { expect, it } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { registryVersions } from "#edge/db/tables/registry";
import { createResources } from "#edge/deploy/create";
import { leadBlueprint, testAccount } from "#edge/deploy/deploy.fixture";
import { deployResources } from "#edge/deploy/deploy";
import { createWorkspace, workspaceStub } from "#edge/gateway/directory";
import { install } from "./install.ts";
import { publish, type PublishRequest } from "./publish.ts";
import { searchRegistry } from "./search.ts";

const getOfficial = async (path: string): Promise<Record<string, never>> =>
  (await exports.default.fetch(`https://aerostack.test/v0.1${path}`)).json();

const getHidden = async (name: string) => {
  const answer = await exports.default.fetch(`https://aerostack.test/registry/@hidden/${name}`);
  return { status: answer.status, body: (await answer.text()).replaceAll(name, "NAME") };
};

/** An account with a live scoring function, and how it publishes that. */
async function publisher(name: string) {
  const { services, actor } = await testAccount(name);
  const blueprint = leadBlueprint();
  const { blueprintId, resources } = await createResources(services, actor, {
    blueprint,
    workspace: `${name}-work`,
  });
  await deployResources(services, actor, { blueprintId });
  const request = { resource: resources[0]?.id ?? "", slug: `@${name}/scorer`, version: "1.0.0" };
  const send = (change: Partial<PublishRequest> = {}) =>
    publish(services, actor, { ...request, ...change });
  return { services, actor, send };
}

it("installs for another account exactly what was published, and it runs", async () => {
  const { services, send } = await publisher("giver");
  const published = await send({ readme: "# Scorer" });
  const { actor } = await testAccount("taker");
  const { id } = await createWorkspace(services, actor, { slug: "taker-work", name: "Taker" });
  const answer = await install(services, actor, {
    entry: published.install,
    workspace: "taker-work",
    integrity: published.integrity,
  });
  expect(answer).toMatchObject({
    version: "1.0.0",
    resource: { name: "score-lead", state: "live" },
  });
  const system = { kind: "system", workspaceId: id } as const;
  const call = { actor: system, name: "score-lead", input: { employees: 500 } };
  const result = unwrap(await workspaceStub(services.env, id).callFunction(call));
  expect(result.output).toEqual({ score: 90 });
  const { hits } = await searchRegistry(services, actor, { query: "scorer" });
  expect(hits.find(({ slug }) => slug === "@giver/scorer")?.installs).toBe(1);
});

it("publishes a version once, also when two try at the same moment", async () => {
  const { send } = await publisher("racer");
  const both = await Promise.allSettled([send(), send()]);
  expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  await expect(send()).rejects.toMatchObject({ code: "registry.version-exists" });
});

it("refuses to install code that is not what was published", async () => {
  const { services, actor, send } = await publisher("tampered");
  const { install: entry, slug } = await send();
  const compiled = { hash: "0", mainModule: "main.ts", modules: { "main.ts": "export default 1" } };
  await services.db
    .update(registryVersions)
    .set({ compiled })
    .where(eq(registryVersions.slug, slug));
  const request = { entry, workspace: "tampered-work", alias: "other" };
  await expect(install(services, actor, request)).rejects.toMatchObject({
    code: "registry.integrity-mismatch",
  });
});

it("publishes under the account's own name only, in exact versions", async () => {
  const { send } = await publisher("honest");
  await expect(send({ slug: "@first/scorer" })).rejects.toMatchObject({
    code: "registry.not-owner",
  });
  for (const version of ["v1.0.0", "1.0", "latest", "1.0.0+build"]) {
    await expect(send({ version })).rejects.toMatchObject({ code: "registry.bad-version" });
  }
});

it("finds an entry by its words, whatever else the query holds", async () => {
  const { services, actor, send } = await publisher("finder");
  await send({ tags: ["sales"] });
  for (const query of [
    "score inbound leads and notify sales",
    'scorer" OR NEAR(',
    "SALES*)",
    "finder",
  ]) {
    const { hits } = await searchRegistry(services, actor, { query });
    expect(hits.map(({ slug }) => slug)).toContain("@finder/scorer");
  }
  for (const query of ['"', "AND", "*", "(", "name:", "-- ;", "\u0000", "😀"]) {
    await expect(searchRegistry(services, actor, { query })).resolves.toBeDefined();
  }
});

it("shows a private entry to its own account and to nobody else", async () => {
  const { services, actor, send } = await publisher("hidden");
  await send({ visibility: "private" });
  const { actor: stranger } = await testAccount("stranger");
  const slugs = async (who: typeof actor) =>
    (await searchRegistry(services, who, { query: "hidden" })).hits.map(({ slug }) => slug);
  expect(await slugs(actor)).toContain("@hidden/scorer");
  expect(await slugs(stranger)).toEqual([]);
  expect(await getHidden("scorer")).toEqual(await getHidden("nothing"));
});

it("takes the highest release for the latest, in whatever order versions come", async () => {
  const { services, actor, send } = await publisher("backport");
  for (const version of ["2.0.0", "1.0.1", "3.0.0-beta.1"]) await send({ version });
  const { hits } = await searchRegistry(services, actor, { query: "backport" });
  expect(hits.map(({ reference }) => reference)).toEqual(["@backport/scorer@2.0.0"]);
});

it("serves a version and its adapters immutably, with an ETag", async () => {
  const { send } = await publisher("server");
  const { adapters } = await send();
  expect(Object.keys(adapters).sort()).toEqual(["anthropic", "gemini", "mcp", "openai"]);
  const url = adapters["openai"] ?? "";
  const first = await exports.default.fetch(url);
  expect(first.headers.get("cache-control")).toContain("immutable");
  expect(JSON.stringify(await first.json())).toContain("score-lead");
  const etag = first.headers.get("etag") ?? "";
  const again = await exports.default.fetch(url, { headers: { "if-none-match": etag } });
  expect(again.status).toBe(304);
});

it("answers the official registry's clients with our MCP servers, a page at a time", async () => {
  const { services, actor } = await testAccount("hoster");
  const code = `import { defineServer } from "aerostack";
export default defineServer({ name: "notes", version: "1.0.0", tools: { echo: {
  description: "Echoes.", input: { type: "object", properties: { text: { type: "string" } } },
  run: async ({ text }) => ({ text }) } } });`;
  const blueprint = {
    name: "notes",
    mcps: [{ name: "notes", description: "Echoes notes.", code }],
  };
  const created = await createResources(services, actor, { blueprint, workspace: "hoster-work" });
  await deployResources(services, actor, { blueprintId: created.blueprintId });
  const resource = created.resources[0]?.id ?? "";
  for (const version of ["1.0.0", "1.1.0"]) {
    await publish(services, actor, { resource, slug: "@hoster/notes", version });
  }
  const page = await getOfficial("/servers?limit=1&search=hoster&source=cli");
  expect(page).toMatchObject({
    servers: [{ server: { version: "1.0.0" } }],
    metadata: { count: 1 },
  });
  const cursor = (page as unknown as { metadata: { nextCursor: string } }).metadata.nextCursor;
  expect(
    await getOfficial(`/servers?search=hoster&cursor=${encodeURIComponent(cursor)}`),
  ).toMatchObject({
    servers: [{ server: { name: "io.aerostack.hoster/notes", version: "1.1.0" } }],
  });
  expect(await getOfficial("/servers/io.aerostack.hoster%2Fnotes/versions/latest")).toMatchObject({
    server: { version: "1.1.0" },
    _meta: { "io.modelcontextprotocol.registry/official": { isLatest: true } },
  });
  expect(await getOfficial("/servers/io.x%2Fy/versions/latest")).toEqual({
    error: "Server not found",
  });
});
