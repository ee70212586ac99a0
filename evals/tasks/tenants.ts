import { post } from "../harness/http.ts";
import { type Lab, defineTask } from "../harness/task.ts";

/** What belongs to one account does not exist for another, by whatever id it is asked for. */
export const tenants = defineTask({
  name: "tenants",
  title: "One account cannot see, call, change or delete what belongs to another",
  async run(lab) {
    const owner = await lab.agent("owner-agent");
    const stranger = await lab.agent("stranger-agent", "1.x");
    const built = await owner.build({ workspace: "vault", blueprint });
    const [resource] = built.resources;
    const invoked = await owner.session.must("invoke", { resource: resource?.id, input: {} });
    const token = await owner.session.must("issue_token", {
      workspace: "vault",
      member: "own",
      role: "admin",
      inline: true,
    });
    const attempts: [string, Record<string, unknown>][] = [
      ["get", { kind: "function", id: resource?.id }],
      ["get", { kind: "workspace", id: "vault" }],
      ["list", { kind: "function", workspace: "vault" }],
      ["delete", { kind: "function", id: resource?.id }],
      ["deploy", { resources: [resource?.id] }],
      ["rollback", { resource: resource?.id }],
      ["invoke", { resource: resource?.id, input: {} }],
      ["publish", { resource: resource?.id, slug: "@owner-agent/stolen", version: "1.0.0" }],
      ["issue_token", { workspace: "vault", member: "spy", role: "admin", inline: true }],
      ["revoke_token", { workspace: "vault", member: "own" }],
      ["request_secret", { workspace: "vault", name: "SPY", purpose: "spying" }],
      ["call_log", { workspace: "vault" }],
      ["usage", { workspace: "vault" }],
      ["get_run", { run_id: invoked["run_id"] ?? "run_01aaaaaaaaaaaaaaaaaaaaaaaa" }],
      ["create_account", { name: "spy-account" }],
    ];
    for (const [tool, input] of attempts) {
      const answer = await stranger.session.call(tool, input);
      lab.check(
        "secure",
        `${tool} ${Object.keys(input).join(", ")} is refused`,
        answer.isError,
        answer.text.slice(0, 200),
      );
    }
    await knock(lab, stranger.key, String(token["token"]));
    const still = await owner.session.call("invoke", { resource: resource?.id, input: {} });
    lab.check(
      "operate",
      "the owner's function still works",
      !still.isError,
      still.text.slice(0, 200),
    );
  },
});

/** Keys at doors that they are not for. */
async function knock(lab: Lab, foreignKey: string, memberToken: string): Promise<void> {
  const door = await post(new URL("/ws/vault", lab.url).href, foreignKey, {
    jsonrpc: "2.0",
    id: 1,
    method: "tools/list",
  });
  lab.check(
    "secure",
    "the gateway refuses a foreign key",
    door.status === 401 || door.status === 404,
    door.status,
  );
  const mcp = await post(new URL("/mcp", lab.url).href, memberToken, {
    jsonrpc: "2.0",
    id: 1,
    method: "tools/list",
  });
  lab.check("secure", "a workspace token is no account key", mcp.status === 401, mcp.status);
}

const blueprint = {
  name: "vault",
  functions: [
    {
      name: "whisper",
      description: "Says a word.",
      code: `export default async function () { return { word: "plover" }; }`,
    },
  ],
};
