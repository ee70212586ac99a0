import type { CallToolResult } from "@modelcontextprotocol/client";
import { type AerostackError, InputError } from "#blueprints/error";
import { type Call, type CallRoom, callTool } from "#edge/gateway/call";
import { isRecord, stringOf } from "#edge/gateway/upstream/json-rpc";
import type { TokenState } from "#edge/gateway/workspace-api";
import type { Actor } from "#edge/identity/actor";
import { declarationOf } from "./declarations.ts";
import type { ToolSearch } from "./tool-search.ts";

/** Tool calls and searches of one run, as many as an isolate may send requests. */
export const maximumInnerCalls = 50;

export interface CodeRoom extends CallRoom {
  readonly toolSearch: ToolSearch;
  readonly codeRuns: CodeRuns;
  readonly tokens: { list(): TokenState[] };
}

interface CodeRun {
  /** The call of `run_code`: who calls, with which client, until when. */
  readonly call: Call;
  asked: number;
}

/**
 * Code that is running now, by an unguessable id that is sealed into its isolate. What the code
 * asks for is done as the member who runs it, while it runs, and no longer.
 */
export class CodeRuns {
  readonly #runs = new Map<string, CodeRun>();

  async during<T>(call: Call, work: (id: string) => Promise<T>): Promise<T> {
    const id = crypto.randomUUID();
    this.#runs.set(id, { call, asked: 0 });
    try {
      return await work(id);
    } finally {
      this.#runs.delete(id);
    }
  }

  /** Throws `code.over`, `code.too-many-calls`. */
  enter(id: string): Call {
    const run = this.#runs.get(id);
    if (!run || run.call.signal?.aborted) throw over();
    run.asked++;
    if (run.asked <= maximumInnerCalls) return run.call;
    throw new InputError(
      "code.too-many-calls",
      `The code asked for tools more than ${maximumInnerCalls} times.`,
      { status: 429, fix: "Ask for more at once, or divide the work over several runs." },
    );
  }
}

/** The code has ended, was cancelled, or its token is no more. */
function over(): AerostackError {
  return new InputError("code.over", "This code may not call tools any more.", { status: 403 });
}

/**
 * What running code asks of its workspace: `{ name, arguments }` calls a tool, `{ find }` searches.
 * Answers what the code gets for it. Throws for what the gateway refuses; a tool's own error too.
 */
export async function answerCode(room: CodeRoom, id: string, asked: unknown): Promise<unknown> {
  const outer = room.codeRuns.enter(id);
  if (!isCurrent(room, outer.actor)) throw over();
  const request = isRecord(asked) ? asked : {};
  if (typeof request["find"] === "string") {
    return room.toolSearch.find(outer.actor, request["find"], 10).map(declarationOf);
  }
  const input = request["arguments"] ?? {};
  const end = await callTool(room, {
    actor: outer.actor,
    name: stringOf(request["name"]),
    params: { arguments: input },
    requestBytes: JSON.stringify(input).length,
    ...(outer.client === undefined ? {} : { client: outer.client }),
    ...(outer.signal === undefined ? {} : { signal: outer.signal }),
  });
  end.record(JSON.stringify(end.answer).length);
  if (end.outcome === "denied") throw toolError("tool.unknown", end.answer.error?.message);
  if (end.failure) throw end.failure;
  if (end.answer.error) throw toolError("tool.rpc-error", end.answer.error.message);
  return toValue(end.answer.result);
}

/** A token that was revoked or expired meanwhile ends the code's reach at once. */
function isCurrent(room: CodeRoom, actor: Actor): boolean {
  if (actor.kind !== "member") return true;
  const token = room.tokens.list().find(({ id }) => id === actor.tokenId);
  if (!token || token.revokedAt !== undefined) return false;
  return token.expiresAt === undefined || token.expiresAt > room.now();
}

/** Structured content, else the text, else the content itself. */
function toValue(result: Record<string, unknown>): unknown {
  const { content = [], structuredContent, isError } = result as Partial<CallToolResult>;
  const texts = content.flatMap((part) => (part.type === "text" ? [part.text] : []));
  if (isError) throw toolError("tool.error", texts.join("\n"));
  if (result["resultType"] === "input_required") {
    throw toolError("tool.input-required", "This tool asks for input, which code cannot give.");
  }
  if (structuredContent !== undefined) return structuredContent;
  return texts.length === content.length ? texts.join("\n") : content;
}

function toolError(code: string, message = "The tool failed."): AerostackError {
  return new InputError(code, message, { status: 422 });
}
