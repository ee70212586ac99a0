import { InputError } from "#blueprints/error";
import type { Call, CallEnd } from "#edge/gateway/call";
import { isRecord, type RpcResult } from "#edge/gateway/upstream/json-rpc";
import { compile } from "#edge/isolates/bundle";
import { runFunction } from "#edge/isolates/run";
import { toolCallsUrl } from "#edge/isolates/tool-calls";
import type { CodeRoom } from "./code-runs.ts";
import { ownCall } from "./own-call.ts";

/** Milliseconds that one run may take, its tool calls included. */
const wallMs = 40_000;

/**
 * Stands before the member's code, on its first line so that line numbers stay: `tools` sends what
 * is called on it to the platform, which decides as for any other call.
 */
const preamble = `const { tools, findTools } = (() => {
  const ask = async (body) => {
    const response = await fetch(${JSON.stringify(toolCallsUrl)}, { method: "POST", body: JSON.stringify(body) });
    const answer = await response.json();
    if (answer.error) throw Object.assign(new Error(answer.error.message), { code: answer.error.code });
    return answer.value;
  };
  const tools = new Proxy({}, {
    get: (_, name) => typeof name === "string" && name !== "then" && name !== "toJSON" ? (input) => ask({ name, arguments: input ?? {} }) : undefined,
  });
  return { tools, findTools: (query) => ask({ find: String(query) }) };
})();`.replaceAll(/\n\s*/g, " ");

/**
 * Runs TypeScript in an isolate that reaches nothing but the tools that this member may use. Each
 * call from inside is authorised and logged by itself.
 */
export function runCode(room: CodeRoom, call: Call): Promise<CallEnd> {
  return ownCall(room, call, async () => {
    // An isolate for most of a minute is no less than a call of a tool.
    const refusal = room.admission.refuseRequest(call.actor);
    if (refusal) throw refusal;
    const input = call.params["arguments"];
    const source = isRecord(input) ? input["code"] : undefined;
    if (typeof source !== "string" || source.trim() === "") {
      throw new InputError("code.missing", "There is no code to run.", {
        fix: "Send the body of an async function as `code`.",
      });
    }
    const code = await compile(`${preamble} export default async () => { ${source}\n}`);
    const workspaceId = room.identity().id;
    const { output, logs } = await room.codeRuns.during(call, (toolRun) =>
      runFunction(room.env, {
        code,
        grant: { workspaceId, egress: [], secrets: [], mode: "live", toolRun },
        limits: { wallMs, outputBytes: 1_000_000 },
        input: {},
        // Its tool calls may have had effects.
        repeatable: false,
      }),
    );
    return toResult(output, logs);
  });
}

function toResult(output: unknown, logs: readonly string[]): RpcResult {
  const structuredContent = { result: output ?? null, ...(logs.length > 0 ? { logs } : {}) };
  return {
    content: [{ type: "text", text: JSON.stringify(structuredContent) }],
    structuredContent,
  };
}
