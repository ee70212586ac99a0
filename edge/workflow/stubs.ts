import { type CodeRunner, type Outside } from "./outside.ts";
import type { RunRequest } from "./run-api.ts";

type Stub = NonNullable<RunRequest["stubs"]>[number];

/** The first stub that names one of these; a test without a stub gets a plain success. */
function answer(stubs: readonly Stub[], names: readonly string[]): Stub {
  const found = stubs.find(({ match }) => names.includes(match));
  return found ?? { match: "", status: 200, body: { ok: true } };
}

/** What a test run sees of the world: nothing leaves, stubs answer. */
export function createStubs(runner: CodeRunner, run: RunRequest, step: string): Outside {
  const stubs = run.stubs ?? [];
  return {
    ...runner,
    fetch(request) {
      const url = new URL(request.url);
      const { status, body } = answer(stubs, [step, url.host, url.hostname]);
      const empty = status === 204 || status === 304;
      const text = typeof body === "string" ? body : JSON.stringify(body ?? null);
      const type = typeof body === "string" ? "text/plain" : "application/json";
      return Promise.resolve(
        new Response(empty ? null : text, { status, headers: { "content-type": type } }),
      );
    },
    callTool(name) {
      const { status, body } = answer(stubs, [step, name]);
      const text = typeof body === "string" ? body : JSON.stringify(body ?? null);
      return Promise.resolve({
        content: [{ type: "text", text }],
        ...(typeof body === "object" && body !== null && !Array.isArray(body)
          ? { structuredContent: body as Record<string, unknown> }
          : {}),
        isError: status >= 400,
      });
    },
  };
}
