import { postStream, post, read } from "../harness/http.ts";
import type { Probe } from "../deployment.ts";

/** An agent endpoint: documented, guarded, clear about bad input, streaming, idempotent. */
export async function probeEndpoint({ url, token, check }: Probe): Promise<void> {
  const document = await read(
    await fetch(`${url}/openapi.json`, { headers: { Authorization: `Bearer ${token}` } }),
  );
  const paths = (document.body["paths"] ?? {}) as Record<string, unknown>;
  check("operate", "describes itself with OpenAPI", Object.keys(paths).length > 0, document.status);
  const stranger = await post(url, "wt_not-a-token", {});
  check("secure", "refuses a wrong token", stranger.status === 401, stranger.text);
  const broken = await read(
    await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
      body: "{broken",
    }),
  );
  const error = broken.body["error"] as { code?: string; fix?: string } | undefined;
  const clear = broken.status === 400 && error?.code !== undefined && error.fix !== undefined;
  check("behave", "malformed JSON is a clear error", clear, broken.text);
  const example = exampleFrom(document.body);
  const key = `probe-${Math.random().toString(36).slice(2)}`;
  const first = await postKeyed(url, token, key, example);
  const second = await postKeyed(url, token, key, example);
  check("behave", "answers the documented example", first.status < 300, first.text);
  check(
    "behave",
    "repeats the answer, not the run",
    first.body["run_id"] === second.body["run_id"],
    [first.status, second.status],
  );
  const events = await postStream(url, token, example);
  check(
    "behave",
    "streams steps and a result",
    events.at(-1)?.event === "result",
    events.map((one) => one.event),
  );
}

async function postKeyed(url: string, token: string, key: string, body: unknown) {
  return read(
    await fetch(url, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        Authorization: `Bearer ${token}`,
        "Idempotency-Key": key,
      },
      body: JSON.stringify(body),
    }),
  );
}

/** The smallest input that the documented schema allows. */
function exampleFrom(openapi: Record<string, unknown>): unknown {
  const operations = Object.values(
    (openapi["paths"] ?? {}) as Record<string, Record<string, unknown>>,
  );
  const operation = operations.map((one) => one["post"]).find(Boolean) as
    | { requestBody?: { content?: Record<string, { schema?: Schema; example?: unknown }> } }
    | undefined;
  const media = operation?.requestBody?.content?.["application/json"];
  return media?.example ?? media?.schema?.examples?.[0] ?? valueOf(media?.schema ?? {});
}

interface Schema {
  readonly type?: string;
  readonly properties?: Record<string, Schema>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
}

function valueOf(schema: Schema): unknown {
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0];
  if (schema.type === "string") return "example";
  if (schema.type === "number" || schema.type === "integer") return 1;
  if (schema.type === "boolean") return true;
  if (schema.type === "array") return schema.items ? [valueOf(schema.items)] : [];
  const wanted = (schema.required ?? []).map((name) => [
    name,
    valueOf(schema.properties?.[name] ?? {}),
  ]);
  return Object.fromEntries(wanted);
}
