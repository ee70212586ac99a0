import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  createRequestStateCodec,
  type InputRequests,
  inputRequired,
  inputResponse,
  MissingRequiredClientCapabilityError,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { type FixtureTool, text, withProgress } from "./content-tools.fixture.ts";

/** Signs what travels through the client; the suite tries to tamper with it. */
export const requestState = createRequestStateCodec<{ round: number }>({
  key: "a key of a test server, 32 bytes or more",
  ttlSeconds: 600,
});

const ask = (
  message: string,
  properties: Record<string, { type: "string" } | { type: "boolean" }>,
) =>
  inputRequired.elicit({
    message,
    requestedSchema: { type: "object", properties, required: Object.keys(properties) },
  });
const say = (question: string, maxTokens: number) =>
  inputRequired.createMessage({
    messages: [{ role: "user", content: { type: "text", text: question } }],
    maxTokens,
  });

function capabilitiesOf(context: ServerContext): ClientCapabilities {
  const envelope: Record<string, unknown> = { ...context.mcpReq.envelope };
  return envelope[CLIENT_CAPABILITIES_META_KEY] ?? {};
}

/** Answered once every request has a response of its kind; asked again otherwise. */
function oneRound(
  description: string,
  inputRequests: InputRequests,
  finish: (context: ServerContext) => string | undefined,
): FixtureTool {
  return {
    description,
    call: (context) => {
      const done = finish(context);
      return done === undefined ? inputRequired({ inputRequests }) : text(done);
    },
  };
}

/** Asks with signed state, and answers when state and response came back. */
function withState(description: string, inputRequests: InputRequests): FixtureTool {
  return {
    description,
    async call(context) {
      const state = context.mcpReq.requestState<{ round: number }>();
      const complete = Object.keys(inputRequests).every(
        (key) => inputResponse(context.mcpReq.inputResponses, key).kind !== "missing",
      );
      if (state && complete) return text("state-ok");
      return inputRequired({
        inputRequests,
        requestState: await requestState.mint({ round: 1 }, context),
      });
    },
  };
}

const askName = { user_name: ask("What is your name?", { name: { type: "string" } }) };
const steps = [
  { step1: ask("Step 1: What is your name?", { name: { type: "string" } }) },
  { step2: ask("Step 2: What is your favorite color?", { color: { type: "string" } }) },
] satisfies InputRequests[];

export const inputTools: Record<string, FixtureTool> = {
  test_input_required_result_elicitation: oneRound("Asks for a name.", askName, (context) => {
    const { name } = acceptedContent(context.mcpReq.inputResponses, "user_name") ?? {};
    return typeof name === "string" ? `Hello, ${name}!` : undefined;
  }),
  test_input_required_result_sampling: oneRound(
    "Asks the client's model.",
    { capital_question: say("What is the capital of France?", 100) },
    (context) => {
      const answer = inputResponse(context.mcpReq.inputResponses, "capital_question");
      return answer.kind === "sampling" ? JSON.stringify(answer.result.content) : undefined;
    },
  ),
  test_input_required_result_list_roots: oneRound(
    "Asks for the client's roots.",
    { client_roots: inputRequired.listRoots() },
    (context) => {
      const answer = inputResponse(context.mcpReq.inputResponses, "client_roots");
      return answer.kind === "roots" ? answer.roots.map((root) => root.uri).join(", ") : undefined;
    },
  ),
  test_input_required_result_request_state: withState("Sends state along.", {
    confirm: ask("Please confirm", { ok: { type: "boolean" } }),
  }),
  test_input_required_result_tampered_state: withState("Refuses tampered state.", {
    confirm: ask("Please confirm", { ok: { type: "boolean" } }),
  }),
  test_input_required_result_multiple_inputs: withState("Asks three things at once.", {
    ...askName,
    greeting: say("Generate a greeting", 50),
    client_roots: inputRequired.listRoots(),
  }),
  test_input_required_result_multi_round: {
    description: "Asks in two rounds.",
    async call(context) {
      const round = context.mcpReq.requestState<{ round: number }>()?.round ?? 0;
      const key = `step${round}`;
      const answered = round === 0 || acceptedContent(context.mcpReq.inputResponses, key);
      const next = answered ? round + 1 : round;
      const inputRequests = steps[next - 1];
      if (!inputRequests) return text("Both rounds are done.");
      return inputRequired({
        inputRequests,
        requestState: await requestState.mint({ round: next }, context),
      });
    },
  },
  test_input_required_result_capabilities: {
    description: "Asks only what the client can answer.",
    call: (context) => {
      const can = capabilitiesOf(context);
      return inputRequired({
        inputRequests: {
          ...(can.sampling ? { greeting: say("Generate a greeting", 50) } : {}),
          ...(can.elicitation ? askName : {}),
          ...(can.roots ? { client_roots: inputRequired.listRoots() } : {}),
        },
      });
    },
  },
  test_streaming_elicitation: {
    description: "Reports progress, then asks for a name.",
    async call(context) {
      await withProgress(context);
      return inputRequired({ inputRequests: askName });
    },
  },
  test_missing_capability: {
    description: "Needs sampling.",
    call: (context) => {
      const can = capabilitiesOf(context);
      if (can.sampling) return text("The client can sample.");
      throw new MissingRequiredClientCapabilityError({ requiredCapabilities: { sampling: {} } });
    },
  },
};

/** A prompt that asks first. */
export function inputRequiredPrompt(context: ServerContext): unknown {
  const { context: given } = acceptedContent(context.mcpReq.inputResponses, "user_context") ?? {};
  if (typeof given !== "string") {
    return inputRequired({
      inputRequests: {
        user_context: ask("What context should the prompt use?", { context: { type: "string" } }),
      },
    });
  }
  return { messages: [{ role: "user", content: { type: "text", text: `Use ${given}.` } }] };
}
