import { afterEach, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import {
  modern,
  modernHeaders,
  network,
  place,
  type Place,
  post,
} from "#edge/gateway/gateway.fixture";
import { parseKeyring } from "#edge/gateway/secrets/keyring";
import type { Asked } from "./answer.ts";
import { RequestStates } from "./request-states.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

interface Message {
  readonly id: number;
  readonly method: string;
  readonly params: { readonly requestState?: string };
}

interface Reply {
  readonly result?: { readonly requestState?: string; readonly content?: unknown };
  readonly error?: { readonly code: number; readonly data: unknown };
}

/** An upstream of 2026-07-28 that asks once, and says which state it was brought. */
async function askingPlace() {
  const brought: unknown[] = [];
  network({
    "asking.example": async (request) => {
      const { id, method, params } = await request.json<Message>();
      const result = (value: object) => Response.json({ jsonrpc: "2.0", id, result: value });
      if (method === "server/discover") {
        return result({ supportedVersions: ["2026-07-28"], capabilities: { tools: {} } });
      }
      if (method === "tools/list") {
        const inputSchema = { type: "object" };
        return result({ tools: ["greet", "pay"].map((name) => ({ name, inputSchema })) });
      }
      brought.push(params.requestState);
      const asking = { resultType: "input_required", inputRequests: {}, requestState: "up-1" };
      return result(params.requestState === undefined ? asking : { content: [] });
    },
  });
  const where = await place();
  const source = { kind: "external" as const, url: "https://asking.example/mcp" };
  unwrap(await where.stub.linkMcp({ alias: "ask", source, auth: { type: "none" } }));
  return { where, brought };
}

async function call(where: Place, token: string, params: { name: string; requestState?: string }) {
  const message = modern("tools/call", { arguments: {}, ...params });
  const response = await post(where, token, message, modernHeaders("tools/call", params.name));
  return response.json<Reply>();
}

it("a state comes back to the upstream as it was given, and is never shown", async () => {
  const { where, brought } = await askingPlace();
  const { token } = await where.token();
  const { result } = await call(where, token, { name: "ask__greet" });
  const requestState = result?.requestState ?? "";
  expect(requestState).not.toContain("up-1");
  expect((await call(where, token, { name: "ask__greet", requestState })).result).toBeDefined();
  expect(brought).toEqual([undefined, "up-1"]);
});

it("a state that is another's, for another tool, changed or made up reaches no upstream", async () => {
  const { where, brought } = await askingPlace();
  const [ada, eve] = [await where.token(), await where.token({ member: "eve" })];
  const { result } = await call(where, ada.token, { name: "ask__greet" });
  const state = result?.requestState ?? "";
  const changed = `${state.slice(0, -2)}${state.endsWith("AA") ? "BB" : "AA"}`;
  const attempts = [
    { token: eve.token, name: "ask__greet", requestState: state },
    { token: ada.token, name: "ask__pay", requestState: state },
    ...[changed, state.slice(0, -4), "up-1", "", "aerostack.parked.x"].map((requestState) => ({
      token: ada.token,
      name: "ask__greet",
      requestState,
    })),
  ];
  for (const { token, ...params } of attempts) {
    const { error } = await call(where, token, params);
    expect(error).toMatchObject({ code: -32602, data: { code: "mcp.request-state" } });
  }
  expect(brought).toEqual([undefined]);
});

it("a state is taken back for a day", async () => {
  let now = 0;
  const keys = JSON.stringify({ current: "k", keys: { k: btoa("k".repeat(32)) } });
  const keyring = parseKeyring(keys);
  const states = new RequestStates({
    keyring: () => keyring,
    workspaceId: () => "ws",
    now: () => now,
  });
  const actor = { kind: "system" as const, workspaceId: "ws" };
  const asked: Asked = { actor, params: { name: "t" }, requestBytes: 0 };
  const given = await states.through(asked, () => ({
    answer: { result: { resultType: "input_required", requestState: "s" } },
  }));
  const requestState = given.answer.result?.["requestState"];
  const again = () =>
    states.through({ ...asked, params: { name: "t", requestState } }, ({ params }) => ({
      answer: { result: params },
    }));
  now = 24 * 3_600_000 - 1;
  expect((await again()).answer.result).toMatchObject({ requestState: "s" });
  now++;
  expect((await again()).answer.error?.code).toBe(-32602);
});
