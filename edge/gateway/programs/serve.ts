import { InputError } from "#blueprints/error";
import { isTooDeep, readBody } from "#edge/gateway/limits";
import type { CodeRoom } from "#edge/gateway/modes/code-runs";
import { modeOf } from "#edge/gateway/modes/mode";
import { toolsForModels } from "#edge/gateway/modes/own-tools";
import { isRecord } from "#edge/gateway/upstream/json-rpc";
import type { Actor } from "#edge/identity/actor";
import type { AdaptedTool } from "#registry-adapters/dialect";
import { adaptTools, dialectOf } from "./adapted.ts";
import { callAll } from "./calls.ts";

/** `/ws/:slug/tools` or `/ws/:slug/calls`: the same tools for programs that speak no MCP. */
export function isForPrograms(url: string): boolean {
  return /\/ws\/[^/?#]+\/(?:tools|calls)(?:[?#]|$)/.test(url);
}

/** Serves one authenticated request of a program; throws AerostackError for what cannot be served. */
export function servePrograms(room: CodeRoom, request: Request, actor: Actor): Promise<Response> {
  const url = new URL(request.url);
  if (url.pathname.endsWith("/tools")) return Promise.resolve(listTools(room, url, actor));
  return makeCalls(room, request, url, actor);
}

/** `{ dialect, tools }`, the tools as they go into a request to the model. */
function listTools(room: CodeRoom, url: URL, actor: Actor): Response {
  const dialect = dialectOf(url.searchParams.get("dialect") ?? "mcp");
  const variant = url.searchParams.get("variant");
  const shown = toolsForModels(room, actor, modeOf(url.href));
  const { tools, leftOut } = adaptTools(shown, dialect);
  const lossy = tools.filter((tool) => tool.lossy.length > 0);
  const body = {
    dialect: dialect.name,
    ...(variant === null ? {} : { variant }),
    tools: variant === null ? tools.map(({ tool }) => tool) : tools.map(inVariant(variant)),
    ...(lossy.length > 0
      ? { lossy: Object.fromEntries(lossy.map(({ name, lossy: words }) => [name, words])) }
      : {}),
    ...(leftOut.length > 0 ? { left_out: leftOut } : {}),
  };
  return Response.json(body, { headers: { "cache-control": "no-store" } });
}

function inVariant(variant: string) {
  return ({ name, variants = {} }: AdaptedTool): unknown => {
    if (Object.hasOwn(variants, variant)) return variants[variant];
    throw new InputError(
      "dialect.variant",
      `The tool "${name}" has no form "${variant.slice(0, 40)}".`,
      { fix: `Leave variant out, or use one of: ${Object.keys(variants).join(", ") || "none"}.` },
    );
  };
}

/** `{ dialect, results }` for a list of calls, for `{ calls: [...] }`, or for one call by itself. */
async function makeCalls(
  room: CodeRoom,
  request: Request,
  url: URL,
  actor: Actor,
): Promise<Response> {
  const body = parse(await readBody(request));
  const said = isRecord(body) && typeof body["dialect"] === "string" ? body["dialect"] : undefined;
  const dialect = dialectOf(url.searchParams.get("dialect") ?? said ?? "mcp");
  const client = request.headers.get("user-agent");
  const results = await callAll(room, {
    actor,
    dialect,
    mode: modeOf(url.href),
    calls: callsOf(body),
    signal: request.signal,
    ...(client === null ? {} : { client }),
  });
  const headers = { "cache-control": "no-store" };
  return Response.json({ dialect: dialect.name, results }, { headers });
}

function callsOf(body: unknown): unknown[] {
  if (Array.isArray(body)) return body;
  if (!isRecord(body)) {
    throw new InputError("calls.shape", "The body holds no calls.", {
      fix: 'Send { "calls": [...] }, each call as the model gave it.',
    });
  }
  return Array.isArray(body["calls"]) ? body["calls"] : [body];
}

function parse(text: string): unknown {
  if (isTooDeep(text)) {
    throw new InputError("http.body-too-deep", "The request nests deeper than 128 levels.", {
      fix: "Send a flatter document.",
    });
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new InputError("http.not-json", "The body is not JSON.", {
      fix: "Send the calls as JSON.",
      cause: error,
    });
  }
}
