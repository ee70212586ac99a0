import type { Tool } from "@modelcontextprotocol/client";
import { type AerostackError, UpstreamError } from "#blueprints/error";
import type { Cancellation } from "#edge/cancel";
import type { Deadlines } from "#edge/deadlines";
import { callTimeoutMs, listTimeoutMs } from "#edge/gateway/limits";
import type { LinkHealth, McpLink } from "#edge/gateway/workspace-api";
import type { UpstreamRequest } from "./connection.ts";
import type { Era } from "./era.ts";
import { defaultConcurrent, Gate } from "./gate.ts";
import { isRecord, type RpcAnswer, type RpcRequest, type RpcResult } from "./json-rpc.ts";
import { createTarget, type LinkPorts } from "./link-target.ts";
import { type SessionOwner, Sessions } from "./sessions.ts";

const maximumPages = 50;
const maximumItems = 2000;
/** Characters of one definition; a larger one would fill the context of every client. */
const maximumDefinition = 64_000;
/** Bytes of all definitions together: they are kept in one row, and SQLite here ends rows at 2 MB. */
const maximumList = 1_500_000;
/** Nesting of one definition; everything that reads schemas may then walk them recursively. */
const maximumDepth = 64;

/** One linked MCP server, as the calls of this workspace see it. */
export class Link {
  readonly definition: McpLink;
  readonly #sessions: Sessions;
  readonly #gate: Gate;
  readonly #deadlines: Deadlines;

  constructor(
    definition: McpLink,
    ports: LinkPorts & { readonly deadlines: Deadlines; now(): number },
    memory: { era: Era | undefined; remember: (era: Era) => void },
  ) {
    this.definition = definition;
    this.#deadlines = ports.deadlines;
    this.#gate = new Gate({
      concurrent: definition.limits?.concurrent ?? defaultConcurrent,
      now: () => ports.now(),
    });
    const target = createTarget(definition, ports);
    this.#sessions = new Sessions({ target, ...memory, now: () => ports.now() });
  }

  get health(): LinkHealth {
    return this.#gate.health;
  }

  offers(capability: "resources" | "prompts" | "completions"): boolean {
    return this.#sessions.shared.capabilities?.[capability] !== undefined;
  }

  /** `owner`: whose session is used, where the server keeps sessions; absent: the shared one. */
  request(
    request: Omit<UpstreamRequest, "signal"> & { signal?: Cancellation },
    owner?: SessionOwner,
  ): Promise<RpcAnswer> {
    const timeoutMs = this.definition.limits?.timeoutMs ?? callTimeoutMs;
    return this.#deadlines.run(timeoutMs, request.signal, (signal, waitFor) =>
      this.#gate.run(async () => {
        const { onQuestion } = request;
        // A person who thinks about a question is not a server that is slow.
        const patient = onQuestion && ((asked: RpcRequest) => waitFor(onQuestion(asked)));
        const connection = await this.#sessions.of(owner, signal);
        return connection.request({
          ...request,
          signal,
          ...(patient ? { onQuestion: patient } : {}),
        });
      }),
    );
  }

  endSessions(owner: string): void {
    this.#sessions.end(owner);
  }

  close(): void {
    this.#sessions.close();
  }

  /** All pages of a list; entries that are no objects, too large or too deep are left out. */
  list(method: string, key: string): Promise<Record<string, unknown>[]> {
    return this.#deadlines.run(listTimeoutMs, undefined, (signal) =>
      this.#pages(method, key, signal),
    );
  }

  async #pages(
    method: string,
    key: string,
    signal: Cancellation,
  ): Promise<Record<string, unknown>[]> {
    const items: Record<string, unknown>[] = [];
    let room = maximumList;
    let cursor: unknown;
    for (let page = 0; page < maximumPages && items.length < maximumItems; page++) {
      const params: RpcResult = cursor === undefined ? {} : { cursor };
      const answer = await this.#gate.run(() =>
        this.#sessions.shared.request({ method, params, signal }),
      );
      if (answer.error) throw refusal(answer.error.message);
      const found = answer.result[key];
      for (const item of Array.isArray(found) ? (found as unknown[]) : []) {
        if (!isAcceptable(item)) continue;
        room -= Buffer.byteLength(JSON.stringify(item));
        if (room < 0 || items.length >= maximumItems) return items;
        items.push(item);
      }
      cursor = answer.result["nextCursor"];
      if (typeof cursor !== "string") break;
    }
    return items;
  }

  /** Every tool of the server, under its own name. */
  async listTools(): Promise<Tool[]> {
    this.#gate.reset();
    const tools = await this.list("tools/list", "tools");
    return tools.filter(
      (tool): tool is Tool => typeof tool["name"] === "string" && isRecord(tool["inputSchema"]),
    );
  }
}

function isAcceptable(item: unknown): item is Record<string, unknown> {
  // Depth first: writing what nests too deep would overflow the stack.
  return (
    isRecord(item) &&
    isWithin(item, maximumDepth) &&
    JSON.stringify(item).length <= maximumDefinition
  );
}

function isWithin(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => isWithin(inner, levels - 1));
}

function refusal(message: string): AerostackError {
  return new UpstreamError("mcp.list", `The MCP server refused to list: ${message}`, {
    fix: "Check the credential of the link.",
  });
}
