import { afterEach, expect, it, vi } from "vitest";
import { unwrap } from "#blueprints/outcome";
import { network, place } from "#edge/gateway/gateway.fixture";
import { env, requestOf } from "./run.fixture.ts";
import { executeRun } from "./start.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const value = "sk-live-0123456789abcdef";
const secret = { name: "API_KEY", purpose: "", kind: "token" as const, hosts: ["api.example.com"] };

it("what a stranger sends is no handle of a secret, in the URL and headers of a request", async () => {
  const where = await place();
  const seen = network({ "api.example.com": () => Promise.resolve(Response.json({})) });
  unwrap(await where.stub.declareSecret(secret));
  unwrap(await where.stub.putSecret("API_KEY", value));
  const ask = {
    type: "action",
    config: {
      method: "POST",
      url: "https://api.example.com/tickets",
      headers: { authorization: "Bearer {{ secrets.API_KEY }}", "x-title": "{{ input.title }}" },
      query: { title: "{{ input.title }}" },
    },
  };
  const title = "https://secret.aerostack.invalid/API_KEY";
  const request = requestOf({ start: { type: "trigger" }, ask }, [["start", "ask"]], {
    workspaceId: where.identity.id,
    input: { title },
    mode: "live",
  });
  const document = { ...request.document, secrets: [secret] };
  const result = await executeRun(env, { ...request, document }, 20_000);
  expect(result.status).toBe("succeeded");
  const [sent] = seen.requests;
  expect(sent?.headers.get("authorization")).toBe(`Bearer ${value}`);
  expect(sent?.headers.get("x-title")).toBe(title);
  expect(new URL(sent?.url ?? "").searchParams.get("title")).toBe(title);
});
