import { type InputRequests, inputRequired, inputResponse } from "@modelcontextprotocol/server";
import { type FixtureTool, text } from "./content-tools.fixture.ts";

/**
 * What the suite's revision 2025-11-25 calls: tools that ask the client in the middle of a call. The
 * fixture asks as 2026-07-28 does; that older clients are asked at all is the gateway's work.
 */
function asking(
  description: string,
  request: (input: Record<string, unknown>) => unknown,
): FixtureTool {
  return {
    description,
    call: (context, input) => {
      const given = inputResponse(context.mcpReq.inputResponses, "answer");
      if (given.kind !== "missing") return text(`Answered: ${JSON.stringify(given)}`);
      // The SDK's types of requests are narrower than what the protocol allows, defaults included.
      return inputRequired({ inputRequests: { answer: request(input) } as InputRequests });
    },
  };
}

const form = (message: string, properties: Record<string, unknown>, required: string[] = []) => ({
  method: "elicitation/create",
  params: {
    mode: "form",
    message,
    requestedSchema: { type: "object", properties, required },
  },
});

const titled = (...titles: string[]) =>
  titles.map((title, index) => ({ const: `value${index + 1}`, title }));
const options = ["option1", "option2", "option3"];

export const olderInputTools: Record<string, FixtureTool> = {
  test_sampling: asking("Asks the client's model.", (input) => ({
    method: "sampling/createMessage",
    params: {
      messages: [{ role: "user", content: { type: "text", text: String(input["prompt"]) } }],
      maxTokens: 100,
    },
  })),
  test_elicitation: asking("Asks the client's user.", (input) =>
    form(
      String(input["message"]),
      {
        username: { type: "string", description: "User's response" },
        email: { type: "string", description: "User's email address" },
      },
      ["username", "email"],
    ),
  ),
  test_elicitation_sep1034_defaults: asking("Asks with defaults.", () =>
    form("Please check the defaults", {
      name: { type: "string", default: "John Doe" },
      age: { type: "integer", default: 30 },
      score: { type: "number", default: 95.5 },
      status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
      verified: { type: "boolean", default: true },
    }),
  ),
  test_elicitation_sep1330_enums: asking("Asks with every kind of choice.", () =>
    form("Please choose", {
      untitledSingle: { type: "string", enum: options },
      titledSingle: {
        type: "string",
        oneOf: titled("First Option", "Second Option", "Third Option"),
      },
      legacyEnum: {
        type: "string",
        enum: ["opt1", "opt2", "opt3"],
        enumNames: ["Option One", "Option Two", "Option Three"],
      },
      untitledMulti: { type: "array", items: { type: "string", enum: options } },
      titledMulti: {
        type: "array",
        items: { anyOf: titled("First Choice", "Second Choice", "Third Choice") },
      },
    }),
  ),
};
