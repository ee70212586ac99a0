import { workflowSchema } from "#blueprints/blueprint";
import { unwrap } from "#blueprints/outcome";
import { place, type Place } from "#edge/gateway/gateway.fixture";
import type { LiveItem } from "#edge/gateway/live-items";

/** Doubles `input.n`, tells Slack when the result is large, answers `{ twice }`. */
function doubling(version = 1): LiveItem {
  const workflow = workflowSchema.parse({
    name: "doubling",
    input: { type: "object", required: ["n"], properties: { n: { type: "number" } } },
    nodes: [
      { id: "start", type: "trigger", config: { source: "endpoint" } },
      {
        id: "double",
        type: "action",
        config: { set: { name: "twice", value: "{{ input.n * 2 }}" } },
      },
      {
        id: "large",
        type: "logic",
        config: { cases: [{ port: "yes", when: "vars.twice > 100" }] },
      },
      {
        id: "tell",
        type: "send_message",
        config: { channel: "slack", webhook: "SLACK_WEBHOOK_URL", text: "Got <{{ vars.twice }}>" },
      },
    ],
    edges: [
      { from: "start", to: "double" },
      { from: "double", to: "large" },
      { from: "large", port: "yes", to: "tell" },
    ],
    output: { twice: "{{ vars.twice }}" },
  });
  const secret = { name: "SLACK_WEBHOOK_URL", purpose: "Slack", kind: "url" as const, hosts: [] };
  return {
    kind: "workflow",
    name: "doubling",
    version,
    definition: { workflow, functions: {}, egress: [], secrets: [secret] },
  };
}

export const slackUrl = "https://hooks.slack.test/services/T0/B0/canary0secret0canary";

/** A workspace in which `doubling` is live, behind a token endpoint and a public one. */
export async function livePlace(): Promise<Place> {
  const where = await place();
  const [secret] = (doubling() as Extract<LiveItem, { kind: "workflow" }>).definition.secrets;
  if (secret) unwrap(await where.stub.declareSecret(secret));
  unwrap(await where.stub.putSecret("SLACK_WEBHOOK_URL", slackUrl));
  const endpoint = { workflow: "doubling", description: "Doubles." };
  unwrap(
    await where.stub.putLive([
      doubling(),
      { kind: "endpoint", name: "double", version: 1, definition: { ...endpoint, auth: "token" } },
      { kind: "endpoint", name: "open", version: 1, definition: { ...endpoint, auth: "public" } },
    ]),
  );
  return where;
}
