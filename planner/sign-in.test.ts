import { expect, test } from "vitest";
import { checkBlueprint } from "#blueprints/check";
import { nodes } from "#edge/nodes/index";
import { plan } from "./plan.ts";

const toolsWith = (catalogue = nodes) => ({
  catalogue,
  searchRegistry: () => Promise.resolve([]),
  now: () => 0,
});

async function planned(intent: string, catalogue = nodes) {
  const answer = await plan({ intent }, toolsWith(catalogue));
  const workflow = answer.blueprint?.workflows?.[0];
  const gate = workflow?.nodes.find(({ type }) => type === "auth_gate");
  return {
    answer,
    gate: gate?.config,
    edges: (workflow?.edges ?? []).map(({ from, port = "next", to }) => `${from}:${port}>${to}`),
    chosen: answer.requires.decisions.find(({ id }) => id === "caller_auth")?.chosen,
  };
}

test.each([
  ["an endpoint that signs people in with a code by e-mail and adds a row to Airtable", "email"],
  ["API for our Airtable orders, only for customers who enter a code sent by e-mail", "email"],
  ["endpoint that texts a code to the caller and then creates a HubSpot deal", "phone"],
  ["endpoint that creates a HubSpot deal after an SMS code", "phone"],
  [
    "an endpoint where people log in by text message and then book a slot in Google Calendar",
    "phone",
  ],
  ["endpoint behind an auth_gate that emails them a 6-digit code, then a row in Airtable", "email"],
])("nobody gets to the work who does not prove an address: %s", async (intent, by) => {
  const { answer, gate, edges, chosen } = await planned(intent);
  expect(gate).toMatchObject({ to: `{{ trim(input.${by}) }}` });
  expect(gate).toMatchObject({ deliver: { provider: by === "email" ? "resend" : "twilio" } });
  expect(edges.filter((edge) => edge.startsWith("start:"))).toEqual(["start:next>sign_in"]);
  expect(edges).toContain("sign_in:failed>not_signed_in");
  expect(answer.blueprint?.workflows?.[0]?.input).toMatchObject({ required: [by] });
  expect(answer.requires.secrets.map(({ name }) => name)).toContain(
    by === "email" ? "RESEND_API_KEY" : "TWILIO_AUTH_TOKEN",
  );
  expect(chosen).toBe("otp");
  expect(checkBlueprint(answer.blueprint, nodes).issues).toEqual([]);
});

test("a link where the intent asks for one", async () => {
  const { gate, chosen } = await planned("API that calculates VAT, behind a magic link by e-mail");
  expect(gate).toMatchObject({ method: "magic_link" });
  expect(chosen).toBe("magic_link");
});

test("a bot lets those by whom it knows, and asks the others for an address", async () => {
  const { edges, gate, answer } = await planned(
    "a Telegram bot that signs people in with a code by e-mail before it answers",
  );
  expect(edges).toEqual([
    "start:next>signed_in",
    "signed_in:known>agent_turn",
    "signed_in:else>address_given",
    "address_given:given>sign_in",
    "sign_in:verified>welcome",
    "sign_in:failed>not_signed_in",
    "address_given:else>ask_address",
  ]);
  expect(gate).toMatchObject({ to: '{{ trim(default(input.message, "")) }}' });
  expect(answer.blueprint?.workflows?.[0]?.output).toHaveProperty("answer");
});

test("the service that only sends the code does nothing else", async () => {
  const { answer } = await planned("endpoint that creates a HubSpot deal after an SMS code");
  const ids = answer.blueprint?.workflows?.[0]?.nodes.map(({ id }) => id);
  expect(ids).toEqual(["start", "sign_in", "write_hubspot", "not_signed_in"]);
});

test.each([
  ["a Slack bot that asks for 2FA before it answers", "nobody is asked"],
  ["a Telegram bot that signs people in with Google", "nobody is asked"],
  ["RAG API over our handbook, only for employees signed in with Google", "workspace token"],
  ["an MCP server whose tools need a one-time code", "workspace token"],
  ["Every Monday send the figures to Slack after an SMS code", "workspace token"],
])("no sign-in is claimed that no step does: %s", async (intent, chosen) => {
  const asked = await planned(intent);
  expect(asked.gate).toBeUndefined();
  expect(asked.chosen).toBe(chosen);
  expect(asked.answer.warnings.join(" ")).toContain("is not planned");
  expect(asked.answer.confidence).toBeLessThan(0.8);
});

test.each([
  [
    "an endpoint that signs people in with a code by e-mail and then tells them their order",
    "email",
  ],
  ["API that shows customers their invoices after an SMS code", "phone"],
])("who signed in is answered with what is theirs alone: %s", async (intent, by) => {
  const { answer } = await planned(intent);
  const steps = answer.blueprint?.workflows?.[0]?.nodes ?? [];
  expect(steps.map(({ type }) => type)).toEqual(["trigger", "auth_gate", "action", "action"]);
  expect(steps[2]?.config).toMatchObject({
    query: { [by]: "{{ steps.sign_in.output.identity.address }}" },
  });
  expect(answer.warnings.join(" ")).toContain(`"${steps[2]?.id}_url"`);
  expect(answer.requires.connections.map(({ integration }) => integration)).not.toContain("slack");
});

test("a sign-in that nothing follows is said to be all there is", async () => {
  const { answer } = await planned("endpoint with an OTP by text that computes it and tells them");
  expect(answer.warnings.join(" ")).toContain("Only the sign-in is planned");
});

test("a code over a chat platform is said to go by e-mail", async () => {
  const { answer, gate } = await planned(
    "WhatsApp bot: send a code over WhatsApp to sign in first",
  );
  expect(gate).toMatchObject({ deliver: { provider: "resend" } });
  expect(answer.warnings.join(" ")).toContain('"code over WhatsApp" is not planned');
});

test("a server without the step says so", async () => {
  const { auth_gate: _, ...others } = nodes;
  const intent = "a Telegram bot that signs people in with a code by e-mail before it answers";
  const asked = await planned(intent, others);
  expect(asked.chosen).toBe("nobody is asked");
  expect(asked.answer.warnings.join(" ")).toContain("whoever writes to the bot is answered");
  expect(asked.answer.confidence).toBeLessThan(0.8);
});

test.each([
  "when somebody signs up, send a discount code by e-mail",
  "function that generates a one-time code",
  "an API that returns the QR code of an e-mail address",
  "an endpoint without a one-time code that creates a HubSpot deal",
  "API that scores leads, with an API key",
])("what proves nobody's address is no sign-in: %s", async (intent) => {
  const { gate, answer } = await planned(intent);
  expect(gate).toBeUndefined();
  expect(answer.warnings.join(" ")).not.toContain("sign-in");
});

test("feedback adds the gate", async () => {
  const intent = "a Telegram bot that answers questions about orders";
  const first = await plan({ intent }, toolsWith());
  const feedback = "before it answers, use an auth_gate that sends a code by e-mail";
  const second = await plan({ intent, refine: { plan: first, feedback } }, toolsWith());
  expect(JSON.stringify(first.blueprint)).not.toContain("auth_gate");
  expect(second.blueprint?.workflows?.[0]?.nodes.map(({ type }) => type)).toContain("auth_gate");
  expect(second.warnings.join(" ")).not.toContain("changed nothing");
});
