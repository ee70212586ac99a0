import type { AerostackError } from "#blueprints/error";
import {
  type Call,
  type CallEnd,
  type CallRoom,
  failureResult,
  logged,
  outcomeOf,
  toFailure,
} from "#edge/gateway/call";
import type { RpcAnswer, RpcResult } from "#edge/gateway/upstream/json-rpc";

/**
 * A call of one of the workspace's own tools (find_tools, run_code): redacted and logged as any
 * other, with `-` for the server. `refusal`: it is not to be made. Never throws for what `work` did.
 */
export async function ownCall(
  room: CallRoom,
  call: Call,
  work: () => Promise<RpcResult> | RpcResult,
  refusal?: AerostackError,
): Promise<CallEnd> {
  const startedAt = room.now();
  const started = performance.now();
  let result: RpcResult;
  let failure: AerostackError | undefined;
  try {
    if (refusal) throw refusal;
    result = await work();
  } catch (error) {
    failure = toFailure(error);
    result = failureResult(failure);
  }
  const answer: RpcAnswer = (await room.vault.redactor()).value({ result });
  const latencyMs = performance.now() - started;
  const outcome = refusal ? "denied" : outcomeOf(answer, failure);
  return {
    answer,
    outcome,
    ...(failure ? { failure } : {}),
    record: (responseBytes) =>
      room.log.add({
        ...logged(call, startedAt),
        mcp: "-",
        tool: call.name,
        latencyMs,
        upstreamMs: 0,
        responseBytes,
        outcome,
        ...(failure ? { errorCode: failure.code } : {}),
      }),
  };
}
