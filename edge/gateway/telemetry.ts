import { ConfigurationError, InputError } from "#blueprints/error";
import type { Env } from "#edge/env";
import { assertReachable, isOpened } from "#edge/isolates/address";
import { setSecretHeader } from "#edge/isolates/secret-header";
import { type Collector, Exporter, type OtlpRequest } from "#edge/observe/otlp/exporter";
import type { Vault } from "./secrets/vault.ts";
import type { Telemetry, WorkspaceIdentity, WorkspaceSettings } from "./workspace-api.ts";

interface TelemetryPlace {
  readonly env: Env;
  readonly vault: Vault;
  readonly settings: () => WorkspaceSettings;
  readonly identity: () => WorkspaceIdentity;
  readonly now: () => number;
  readonly later: (work: () => void, delayMs: number) => void;
}

const timeoutMs = 10_000;
/** `{{ NAME }}`: where the value of a secret goes. */
const secretName = /\{\{\s*([A-Z][A-Z0-9_]{0,63})\s*\}\}/g;

/** Spans and durations of a workspace, to its own collector and to the platform's. */
export function createExporter(place: TelemetryPlace): Exporter {
  const { env, now, later } = place;
  return new Exporter({
    now,
    later,
    resource: () => ({
      "service.name": "aerostack",
      "service.namespace": place.identity().slug,
      "aerostack.workspace.id": place.identity().id,
    }),
    isWanted: () => Boolean(env.OTEL_EXPORTER_OTLP_ENDPOINT ?? place.settings().telemetry),
    collectors: () => [...platformCollector(env), ...workspaceCollector(place)],
  });
}

/**
 * Whether spans can go there at all; binds the secrets to the collector's host.
 * @throws InputError `egress.*`, `telemetry.bad-header`, or `secret.host-not-allowed`
 */
export function checkTelemetry({ endpoint, headers }: Telemetry, env: Env, vault: Vault): void {
  const { host } = assertReachable(endpoint, env);
  for (const [name, value] of Object.entries(headers)) {
    const names = secretsIn(value);
    if (names.length === 0 && /auth|key|token|secret/i.test(name)) {
      throw new InputError(
        "telemetry.bad-header",
        `The header ${name} would carry a credential in the open.`,
        { fix: "Write `{{ NAME }}` for the name of a secret, and enter it with request_secret." },
      );
    }
    for (const secret of names) vault.bind(secret, host);
  }
}

function workspaceCollector({ env, vault, settings }: TelemetryPlace): Collector[] {
  const { telemetry } = settings();
  if (!telemetry) return [];
  const { endpoint, headers } = telemetry;
  return [
    {
      async send(request) {
        const { host } = assertReachable(endpoint, env);
        const sent = new Headers({ "content-type": "application/json" });
        for (const [name, template] of Object.entries(headers)) {
          const values = await vault.release(secretsIn(template), host);
          const value = template.replaceAll(
            secretName,
            (_, secret: string) => values[secret] ?? "",
          );
          setSecretHeader(sent, name, value);
        }
        return post(networkOf(endpoint, env), endpoint, sent, request);
      },
    },
  ];
}

/** As OpenTelemetry's own variables say; the operator may name a private address. */
function platformCollector(env: Env): Collector[] {
  const endpoint = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (!endpoint) return [];
  const headers = new Headers({ "content-type": "application/json" });
  for (const pair of (env.OTEL_EXPORTER_OTLP_HEADERS ?? "").split(",")) {
    const [name, value] = pair.split(/=(.*)/s);
    if (name?.trim() && value) setSecretHeader(headers, name.trim(), decode(value.trim()));
  }
  const network = env.OPENED_NETWORK ?? globalThis;
  return [{ send: (request) => post(network, endpoint, headers, request) }];
}

async function post(
  network: Pick<Fetcher, "fetch">,
  endpoint: string,
  headers: Headers,
  { signal: kind, body }: OtlpRequest,
) {
  const url = `${endpoint.replace(/\/+$/, "")}/v1/${kind}`;
  const signal = AbortSignal.timeout(timeoutMs);
  const init = { method: "POST", headers, body, signal, redirect: "manual" as const };
  const response = await network.fetch(url, init);
  await response.body?.cancel();
  return response;
}

function networkOf(endpoint: string, env: Env): Pick<Fetcher, "fetch"> {
  const isOpen = isOpened(assertReachable(endpoint, env), env);
  return (isOpen ? env.OPENED_NETWORK : env.PUBLIC_NETWORK) ?? globalThis;
}

function secretsIn(template: string): string[] {
  return [...template.matchAll(secretName)].map(([, name = ""]) => name);
}

/** Values are percent-encoded where they hold a comma. */
function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch (cause) {
    throw new ConfigurationError(
      "platform.otlp-headers",
      "OTEL_EXPORTER_OTLP_HEADERS is not percent-encoded as it should be.",
      { fix: "Write key=value pairs with commas between them, values percent-encoded.", cause },
    );
  }
}
