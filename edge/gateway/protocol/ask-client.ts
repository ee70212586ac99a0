import { AerostackError } from "#blueprints/error";
import { failureResult } from "#edge/gateway/call";
import { Canceller } from "#edge/cancel";
import { isRecord, type RpcRequest, type RpcResult } from "#edge/gateway/upstream/json-rpc";
import type { Answered, Asked } from "./answer.ts";
import type { Questions } from "./questions.ts";

/** Rounds of questions in one call; a server that asks for ever is one that does not answer. */
const maximumRounds = 10;
const maximumQuestions = 20;

/** What a client of the initialize era may be asked, by the capability that it declares. */
const capabilityOf: Readonly<Record<string, string>> = {
  "sampling/createMessage": "sampling",
  "elicitation/create": "elicitation",
  "roots/list": "roots",
};

interface Client {
  readonly questions: Questions;
  readonly capabilities: Readonly<Record<string, unknown>>;
  send(request: RpcRequest): void;
}

/**
 * An upstream of 2026-07-28 answers that it needs input; a client of the initialize era expects to
 * be asked in the middle of its call. This asks it, and makes the call again with the answers, until
 * there is a result. To the log it is one call, which failed where the client could not be asked.
 */
export async function askUntilDone(
  asked: Asked,
  client: Client,
  call: (asked: Asked) => Promise<Answered> | Answered,
): Promise<Answered> {
  let answered = await call(asked);
  for (let round = 0; round < maximumRounds; round++) {
    const result = answered.answer.result;
    if (result?.["resultType"] !== "input_required") return answered;
    try {
      const inputResponses = await askAll(asked, client, result["inputRequests"]);
      const state = result["requestState"];
      const params = {
        ...asked.params,
        inputResponses,
        ...(state === undefined ? {} : { requestState: state }),
      };
      answered = await call({ ...asked, params });
    } catch (error) {
      if (!(error instanceof AerostackError)) throw error;
      return endedBy(error, answered);
    }
  }
  return answered;
}

/** The row of the log says how the call ended, not how its last round did. */
function endedBy(error: AerostackError, { record }: Answered): Answered {
  return {
    answer: { result: failureResult(error) },
    ...(record ? { record: (responseBytes: number) => record(responseBytes, error) } : {}),
  };
}

async function askAll(asked: Asked, client: Client, requests: unknown): Promise<RpcResult> {
  const all = Object.entries(isRecord(requests) ? requests : {}).slice(0, maximumQuestions);
  const signal = asked.signal ?? new Canceller();
  const answers = await Promise.all(
    all.map(async ([key, request]) => {
      const { method, params } = toQuestion(request, client.capabilities);
      const via = { send: (one: RpcRequest) => client.send(one), signal };
      return [key, await client.questions.ask(asked.actor, { method, params }, via)] as const;
    }),
  );
  return Object.fromEntries(answers);
}

/** What may be put to a client that declares these; throws `client.cannot`. */
export function toQuestion(
  request: unknown,
  capabilities: Readonly<Record<string, unknown>>,
): { method: string; params: RpcResult } {
  const { method, params } = isRecord(request) ? request : {};
  const capability = typeof method === "string" ? capabilityOf[method] : undefined;
  if (typeof method !== "string" || !capability || capabilities[capability] === undefined) {
    throw new AerostackError(
      "input",
      "client.cannot",
      "The tool asks for what this client cannot.",
      {
        fix: "Use a client that answers sampling, elicitation and roots requests.",
      },
    );
  }
  return { method, params: isRecord(params) ? params : {} };
}
