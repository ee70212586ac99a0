import { InputError, UpstreamError } from "#blueprints/error";
import type { Env } from "#edge/env";
import { Connection } from "#edge/gateway/upstream/connection";
import { isRecord } from "#edge/gateway/upstream/json-rpc";
import type { Target } from "#edge/gateway/upstream/target";
import { type CompiledCode, defaultLimits, type IsolateGrant } from "#edge/isolates/isolate";
import { hostedFetch } from "#edge/isolates/run";

/**
 * One tool call to a hosted server that is not live: straight into its isolate, as the gateway
 * would speak to it. Answers the structured content, else the text (parsed where it is JSON).
 * Throws `test.tool-error` where the tool reports an error.
 */
export async function callHostedTool(
  env: Env,
  server: { readonly code: CompiledCode; readonly grant: IsolateGrant },
  call: { readonly name: string; readonly arguments: unknown },
): Promise<unknown> {
  const url = "http://hosted.invalid/mcp";
  const target: Target = {
    url,
    send: ({ headers, signal, method = "POST", body }) =>
      hostedFetch(
        env,
        server,
        new Request(url, { method, headers, signal, ...(body ? { body } : {}) }),
      ),
  };
  const connection = new Connection(target, { era: undefined, remember: () => {} });
  const answer = await connection.request({
    method: "tools/call",
    params: { name: call.name, arguments: isRecord(call.arguments) ? call.arguments : {} },
    signal: AbortSignal.timeout(defaultLimits.wallMs),
  });
  if (answer.error) {
    throw new UpstreamError("test.tool-error", `"${call.name}" failed: ${answer.error.message}`, {
      fix: "Correct the server's code, or the test.",
    });
  }
  const { structuredContent, content, isError } = answer.result;
  const text = textOf(content);
  if (isError === true) {
    throw new InputError("test.tool-error", `"${call.name}" reported: ${text.slice(0, 500)}`, {
      fix: "Correct the server's code, or the test.",
    });
  }
  return structuredContent ?? parsed(text);
}

function textOf(content: unknown): string {
  if (!Array.isArray(content)) return "";
  return content
    .flatMap((part) => (isRecord(part) && typeof part["text"] === "string" ? [part["text"]] : []))
    .join("\n");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
