import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { createWorkspace, workspaceStub } from "#edge/gateway/directory";
import type { WorkspaceIdentity } from "#edge/gateway/workspace-api";
import { createAccount } from "#edge/identity/accounts";
import type { AccountActor } from "#edge/identity/actor";
import { createInvitation } from "#edge/identity/invitation";
import { authenticateKey } from "#edge/identity/keys";
import type { Services } from "#edge/services";
import { hasBrowser, launchBrowser } from "./browser.fixture.ts";
import { createHarness } from "./harness.fixture.ts";
import { expectAccessible, phone, picture } from "./page-audit.fixture.ts";

/** An invitation from the admin's agent to the member's first list of tools, in a real browser. */

const adminKey = "ak_" + "d".repeat(43);
const server = await createHarness(adminKey);
/** What no log may hold: every link and credential of these tests. */
const confidential: string[] = [adminKey];
let browser: Browser;
let services: Services;
let admin: AccountActor;
let workspace: WorkspaceIdentity;

beforeAll(async () => {
  if (!hasBrowser) return;
  ({ services, actor: admin } = await server.listen());
  workspace = await createWorkspace(services, admin, { slug: "sales", name: "Sales" });
  const definition = { description: "Greets.", instructions: "Say hello.", functions: [] };
  const skill = { kind: "skill" as const, name: "greet", version: 1, definition };
  unwrap(await workspaceStub(services.env, workspace.id).putLive([skill]));
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await server.close();
});

async function clientOf(url: string, authorization: string): Promise<Client> {
  const client = new Client({ name: "test", version: "1" });
  const requestInit = { headers: { Authorization: authorization } };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  return client;
}

/** As the admin's agent does it. */
async function callTool(name: string, input: Record<string, unknown>) {
  const agent = await clientOf(`${services.baseUrl}/mcp`, `Bearer ${adminKey}`);
  const result = await agent.callTool({ name, arguments: input });
  await agent.close();
  expect(result.isError, JSON.stringify(result.content)).not.toBe(true);
  return result.structuredContent as Record<string, string>;
}

async function invite(member: string, role = "developer"): Promise<string> {
  const { claim_url: link = "" } = await callTool("issue_token", {
    workspace: "sales",
    member,
    role,
  });
  expect(link).toMatch(/\/connect\/[\w-]{43}$/);
  confidential.push(link);
  return link;
}

async function toolsWith(token: string): Promise<string[]> {
  const client = await clientOf(`${services.baseUrl}/ws/sales`, `Bearer ${token}`);
  const { tools } = await client.listTools();
  await client.close();
  return tools.map(({ name }) => name);
}

async function expectGone(page: Page, link: string): Promise<void> {
  const answer = await page.goto(link);
  expect(answer?.status()).toBe(410);
  await page.getByRole("heading", { name: "This link does not work any more" }).waitFor();
  await page.getByText("Ask whoever sent you the link for a new one").waitFor();
  expect(await page.getByRole("button").count()).toBe(0);
  const post = await fetch(link, { method: "POST", headers: { Accept: "text/html" } });
  expect(post.status).toBe(410);
  expect(await post.text()).not.toContain("wt_");
}

describe.skipIf(!hasBrowser)("an invitation in a browser", () => {
  it.each(["dark", "light"] as const)(
    "is looked at by robots, claimed once by its person, and used, in the %s",
    async (scheme) => {
      const member = `maria-${scheme}@example.com`;
      const link = await invite(member);
      for (const method of ["GET", "HEAD", "GET"]) await fetch(link, { method });
      const context = await phone(browser, scheme);
      await context.grantPermissions(["clipboard-read", "clipboard-write"]);
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on("console", (message) => complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(error.message));
      await page.goto(link);
      await page.getByRole("heading", { name: "Your token for Sales" }).waitFor();
      expect(await page.content()).not.toMatch(/wt_|maria/);
      await expectAccessible(page);
      await picture(page, `claim-${scheme}`);
      await page.getByLabel("Your e-mail address").fill("somebody@example.com");
      await page.keyboard.press("Enter");
      await page.getByRole("alert").waitFor();
      expect(await page.content()).not.toMatch(/wt_|maria/);
      await expectAccessible(page);
      await picture(page, `claim-problem-${scheme}`);
      await page.getByLabel("Your MCP client").selectOption({ label: "Cursor" });
      await page.getByLabel("Your e-mail address").fill(member.toUpperCase());
      await page.keyboard.press("Enter");
      await page.getByText("it is not shown again").waitFor();
      await expectAccessible(page);
      await picture(page, `claimed-${scheme}`);

      await page.getByRole("button", { name: "Copy it" }).click();
      await page.getByRole("button", { name: "Copied" }).waitFor();
      const token = await page.evaluate<string>("navigator.clipboard.readText()");
      expect(token).toMatch(/^wt_[\w-]{43}$/);
      confidential.push(token);
      expect(page.url()).toBe(link);
      const button = page.getByRole("link", { name: "Add to Cursor" });
      const install = (await button.getAttribute("href")) ?? "";
      expect(install).toMatch(/^cursor:/);
      const packed = new URL(install).searchParams.get("config") ?? "";
      expect(atob(packed)).toContain("/ws/sales");
      expect(install + atob(packed)).not.toContain(token);
      await page.getByRole("button", { name: "Copy the configuration" }).click();
      await expect
        .poll(() => page.evaluate<string>("navigator.clipboard.readText()"))
        .toContain("mcpServers");
      const config = await page.evaluate<string>("navigator.clipboard.readText()");
      const filledIn = config.replace(/\$\{(?:env:)?AEROSTACK_TOKEN\}/, token);
      const { url, headers } = JSON.parse(filledIn).mcpServers.sales;
      const client = await clientOf(url, headers.Authorization);
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toEqual(["skill__greet"]);
      await client.close();

      await expectGone(page, link);
      await expectAccessible(page);
      await picture(page, `claimed-before-${scheme}`);
      expect(await toolsWith(token)).toEqual(["skill__greet"]);
      const { items } = (await callTool("list", {
        kind: "token",
        workspace: "sales",
      })) as unknown as { items: Record<string, unknown>[] };
      expect(items).toContainEqual(expect.objectContaining({ member, role: "developer" }));
      expect(complaints.filter((one) => !one.includes("responded with a status"))).toEqual([]);
      await context.close();
    },
  );

  it("needs no script: an account's holder claims by key, and picks another client after all", async () => {
    const { key } = await createAccount(services, admin, { name: "bob" });
    const stranger = await createAccount(services, admin, { name: "eve" });
    confidential.push(key, stranger.key);
    const link = await invite("@bob", "read-only");
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(link);
    await page.getByText("@bob").first().waitFor();
    await page.getByLabel("Your account key").fill(stranger.key);
    await page.getByRole("button", { name: "Show the token" }).click();
    await page.getByRole("alert").getByText("not a key of the account @bob").waitFor();
    await page.getByLabel("Your account key").fill(key);
    await page.getByRole("button", { name: "Show the token" }).click();
    const token = (await page.locator("#credential").textContent())?.trim() ?? "";
    expect(token).toMatch(/^wt_/);
    confidential.push(token);
    expect(await page.getByRole("button").count()).toBe(0);
    await page.getByText("Codex", { exact: true }).click();
    await page.locator("#codex-config").getByText("/ws/sales").waitFor();
    await page.getByText("VS Code", { exact: true }).click();
    const install = page.getByRole("link", { name: "Add to VS Code" });
    expect(await install.getAttribute("href")).toMatch(/^vscode:mcp\/install\?/);
    expect(await toolsWith(token)).toEqual(["skill__greet"]);
    await expectGone(page, link);
    await context.close();
  });

  it("shows a new account its key, and the configuration of the platform itself", async () => {
    const account = await callTool("create_account", { name: "new-team" });
    const link = account["claim_url"] ?? "";
    confidential.push(link);
    const context = await phone(browser, "dark");
    const page = await context.newPage();
    await page.goto(link);
    await expectAccessible(page);
    await page.getByLabel("Your MCP client").selectOption({ label: "Claude Code" });
    await page.getByRole("button", { name: "Show the key" }).click();
    const key = (await page.locator("#credential").textContent()) ?? "";
    expect(await authenticateKey(services, key)).toMatchObject({ name: "new-team" });
    confidential.push(key);
    await page.locator("#claude-code-config").getByText(`${services.baseUrl}/mcp`).waitFor();
    await expectAccessible(page);
    await expectGone(page, link);
    await context.close();
  });

  it("ends with its time, with its token, and with its member", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const stub = workspaceStub(services.env, workspace.id);
    const issued = unwrap(await stub.issueToken({ member: "late", role: "developer" }));
    const yesterday = { ...services, now: () => Date.now() - 25 * 3_600_000 };
    const expired = await createInvitation(yesterday, workspace, {
      member: "late",
      role: "developer",
      tokenId: issued.id,
      token: issued.token,
    });
    await expectGone(page, expired.url);

    const withdrawn = await invite("kim");
    await page.goto(withdrawn);
    const button = page.getByRole("button", { name: "Show the token" });
    await button.waitFor();
    await callTool("revoke_token", { workspace: "sales", member: "kim" });
    // Somebody who had the page open already.
    await button.click();
    await page.getByRole("heading", { name: "This link does not work any more" }).waitFor();
    await expectGone(page, withdrawn);
    await context.close();
  });

  it("cannot be put into a frame of another page", async () => {
    const link = await invite("framed");
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.route("https://elsewhere.test/", (route) =>
      route.fulfill({ contentType: "text/html", body: `<iframe src="${link}"></iframe>` }),
    );
    await page.goto("https://elsewhere.test/");
    expect(await page.frameLocator("iframe").getByRole("button").count()).toBe(0);
    expect(await page.frameLocator("iframe").locator("body").textContent()).not.toContain("Sales");
    await context.close();
  });

  it("is in no log of the server, and neither is what it showed", () => {
    const logs = server.logs();
    const found = confidential.filter((one) => logs.includes(one.replace(services.baseUrl, "")));
    expect(found).toEqual([]);
  });
});
