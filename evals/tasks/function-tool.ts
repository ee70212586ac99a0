import { defineTask } from "../harness/task.ts";

/** A computation becomes a tool that any client in the workspace can call. */
export const functionTool = defineTask({
  name: "function-tool",
  title: "A function that adds VAT becomes a tool of the workspace",
  async run(lab) {
    const agent = await lab.agent("vat-agent");
    const built = await agent.build({ workspace: "shop", blueprint });
    lab.check(
      "deploy",
      "is live after its test passed",
      built.deployment.state === "live",
      built.deployment.state,
    );
    const token = await agent.session.must("issue_token", {
      workspace: "shop",
      member: "kim",
      role: "read-only",
      inline: true,
    });
    const member = await lab.connect("/ws/shop", String(token["token"]));
    const answer = await member.call("fn__add_vat", { net: 50 });
    lab.check("behave", "the tool computes", answer.data["gross"] === 59.5, answer.text);
    const wrong = await member.call("fn__add_vat", { net: "fifty" });
    lab.check(
      "behave",
      "a wrong argument is a clear tool error",
      wrong.isError && wrong.text.includes("net"),
      wrong.text,
    );
    const traced = await agent.session.must("usage", { workspace: "shop" });
    lab.check(
      "operate",
      "usage counts the calls",
      JSON.stringify(traced).includes("add_vat"),
      traced,
    );
  },
});

const code = `export default async function (input: { net: number; rate?: number }) {
  const rate = input.rate ?? 0.19;
  return { gross: Math.round(input.net * (1 + rate) * 100) / 100, rate };
}`;
const blueprint = {
  name: "vat",
  functions: [
    {
      name: "add_vat",
      description: "Adds value added tax to a net price.",
      code,
      input: {
        type: "object",
        properties: { net: { type: "number" }, rate: { type: "number" } },
        required: ["net"],
      },
      output: {
        type: "object",
        properties: { gross: { type: "number" }, rate: { type: "number" } },
      },
    },
  ],
  tests: [
    {
      name: "adds 19 percent",
      target: { kind: "function", name: "add_vat" },
      input: { net: 100 },
      expect: { output: { gross: 119 } },
    },
  ],
};
