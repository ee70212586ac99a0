import { hotLead } from "../worlds/leads.ts";
import type { Builder } from "./builder.ts";
import { find, post } from "./http.ts";
import { claim, enterSecret } from "./person.ts";
import type { Lab } from "./task.ts";
import { startEverything } from "../worlds/everything.ts";

/** Who opens the link types this address: it proves that the invitation is theirs. */
const invited = "mia@example.org";
const credential = "upstream-credential-5b1f0c9d7e";

/**
 * One workspace in front of a function, a hosted server and an external one: both SDK lines list
 * and call all three, the credential stays inside, and a revoked token is refused at once.
 */
export async function shareWorkspace(lab: Lab, agent: Builder, scorer: string): Promise<void> {
  const everything = lab.keep(await startEverything(credential));
  const { session } = agent;
  await session
    .must("create", { blueprint: { name: "greeter", mcps: [hostedServer] }, workspace: "sales" })
    .then((created) =>
      session.must("deploy", {
        resources: (created["resources"] as { id: string }[]).map((one) => one.id),
      }),
    );
  const secret = await session.must("request_secret", {
    workspace: "sales",
    name: "EVERYTHING_KEY",
    purpose: "The tools of the test server",
  });
  await enterSecret(String(secret["enter_url"]), credential);
  await session.must("connect_mcp", {
    workspace: "sales",
    alias: "every",
    url: everything.url,
    auth: {
      type: "header",
      header: "Authorization",
      value: "Bearer {{ secret }}",
      secret: "EVERYTHING_KEY",
    },
  });
  const issued = await session.must("issue_token", {
    workspace: "sales",
    member: invited,
    role: "developer",
  });
  const token = await claim(String(issued["claim_url"]), invited);
  for (const line of ["2.x", "1.x"] as const) await useWorkspace(lab, token, line, scorer);
  const seen = everything.authorizations();
  lab.check(
    "secure",
    "the upstream saw only the injected credential",
    seen.length > 0 && seen.every((one) => one === `Bearer ${credential}`),
    seen.length,
  );
  await checkLogAndRevocation(lab, agent, token);
}

const hostedServer = {
  name: "greeter",
  description: "Greets people by name.",
  code: `import { defineServer } from "aerostack";
export default defineServer({
  name: "greeter",
  version: "1.0.0",
  tools: {
    greet: {
      description: "Greets a person by name.",
      input: { type: "object", properties: { name: { type: "string" } }, required: ["name"] },
      annotations: { readOnlyHint: true },
      run: (input: { name: string }) => "Hello, " + input.name + "!",
    },
  },
});
`,
};

async function useWorkspace(
  lab: Lab,
  token: string,
  line: "2.x" | "1.x",
  scorer: string,
): Promise<void> {
  const member = await lab.connect("/ws/sales", token, line);
  const tools = (await member.listTools()).map((one) => one.name);
  const wanted = [`fn__${scorer}`, "greeter__greet", "every__echo"];
  lab.check(
    "behave",
    `SDK ${line} lists function, hosted and external tools`,
    wanted.every((name) => tools.includes(name)),
    tools,
  );
  const scored = await member.call(wanted[0]!, hotLead);
  lab.check(
    "behave",
    `SDK ${line} calls the function`,
    typeof find(scored.data, "score")[0] === "number",
    scored.text,
  );
  const greeted = await member.call("greeter__greet", { name: "Ada" });
  lab.check(
    "behave",
    `SDK ${line} calls the hosted server`,
    greeted.text.includes("Hello, Ada!"),
    greeted.text,
  );
  const echoed = await member.call("every__echo", { message: `bearer is ${credential}` });
  lab.check(
    "behave",
    `SDK ${line} calls the external server`,
    !echoed.isError && echoed.text.includes("bearer is"),
    echoed.text,
  );
  lab.check(
    "secure",
    `SDK ${line}: an echoed credential does not come back`,
    !echoed.text.includes(credential),
    "redacted",
  );
}

async function checkLogAndRevocation(lab: Lab, agent: Builder, token: string): Promise<void> {
  const log = await agent.session.must("call_log", { workspace: "sales" });
  const rows = (log["calls"] ?? []) as Record<string, unknown>[];
  const whole = rows.every(
    (row) => ["mcp", "tool", "outcome"].every((name) => row[name]) && "latency_ms" in row,
  );
  lab.check(
    "operate",
    "the log shows MCP, tool, latency and outcome",
    rows.length >= 6 && whole,
    rows.slice(0, 3),
  );
  lab.check(
    "operate",
    "the log names the token's member",
    rows.some((row) => row["member"] === invited),
    rows.length,
  );
  lab.check(
    "secure",
    "no credential in the log",
    !JSON.stringify(log).includes(credential),
    rows.length,
  );
  await agent.session.must("revoke_token", { workspace: "sales", member: invited });
  const refused = await post(new URL("/ws/sales", lab.url).href, token, {
    jsonrpc: "2.0",
    id: 1,
    method: "tools/list",
  });
  lab.check("secure", "a revoked token is refused at once", refused.status === 401, refused.text);
}
