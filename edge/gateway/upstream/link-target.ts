import { ConfigurationError } from "#blueprints/error";
import type { Env } from "#edge/env";
import type { Connections } from "#edge/gateway/connections/connections";
import type { McpLink } from "#edge/gateway/workspace-api";
import type { LiveMcp } from "#edge/gateway/live-items";
import { assertReachable, isOpened } from "#edge/isolates/address";
import { hostedFetch } from "#edge/isolates/run";
import { setSecretHeader } from "#edge/isolates/secret-header";
import { sendSignedIn } from "./signed-in.ts";
import type { Target } from "./target.ts";

/** What a link needs from its workspace in order to send. */
export interface LinkPorts {
  readonly env: Env;
  workspaceId(): string;
  hosted(name: string): LiveMcp | undefined;
  /** One secret for one host (`URL.host`). */
  releaseSecret(name: string, host: string): Promise<string>;
  /** Sign-ins at the servers that want OAuth. */
  readonly connections: Pick<Connections, "token" | "notConnected">;
  /** Whose sign-in is used; absent: whoever's there is, for asking what the server offers. */
  readonly member?: string;
}

/** The way to the server of a link, the credential added on the last metre. */
export function createTarget(link: McpLink, ports: LinkPorts): Target {
  const { source } = link;
  return source.kind === "hosted"
    ? hostedTarget(link, source.name, ports)
    : externalTarget(link, source.url, ports);
}

function boundsOf({ limits }: McpLink): Pick<Target, "answerBytes"> {
  return limits?.answerBytes === undefined ? {} : { answerBytes: limits.answerBytes };
}

function externalTarget(link: McpLink, url: string, ports: LinkPorts): Target {
  const { host } = new URL(url);
  const bounds = boundsOf(link);
  // Neither the URL nor what the operator opened changes while the process runs.
  let network: Pick<Fetcher, "fetch"> | undefined;
  return {
    url,
    ...bounds,
    async send(request) {
      const { headers, signal, method = "POST", body } = request;
      const where = request.url ?? url;
      network ??= networkOf(url, ports.env);
      const sent = new Headers(headers);
      if (link.auth.type === "header") {
        const secret = await ports.releaseSecret(link.auth.secret, host);
        const value = link.auth.value.replaceAll(/\{\{\s*secret\s*\}\}/g, () => secret);
        setSecretHeader(sent, link.auth.header, value);
      }
      const way = network;
      const init = { method, signal, redirect: "manual" as const, ...(body ? { body } : {}) };
      const post = () => way.fetch(where, { ...init, headers: sent });
      return link.auth.type === "oauth" ? sendSignedIn(link, ports, sent, post) : post();
    },
  };
}

/**
 * The way out for an address that may be reached. A public name may resolve to a private address:
 * the public network refuses that, where it is bound.
 */
function networkOf(url: string, env: Env): Pick<Fetcher, "fetch"> {
  const isOpen = isOpened(assertReachable(url, env), env);
  const { OPENED_NETWORK, PUBLIC_NETWORK } = env;
  return (isOpen ? OPENED_NETWORK : PUBLIC_NETWORK) ?? globalThis;
}

/** Into an isolate: no network in between, the address only fills the request. */
function hostedTarget(link: McpLink, name: string, ports: LinkPorts): Target {
  const url = "http://hosted.invalid/mcp";
  const bounds = boundsOf(link);
  return {
    url,
    ...bounds,
    send({ headers, body, signal, method = "POST" }) {
      const definition = ports.hosted(name);
      if (!definition) {
        throw new ConfigurationError("mcp.not-live", `The MCP server "${name}" is not deployed.`, {
          fix: "Deploy it, or unlink it.",
        });
      }
      const { code, egress, secrets } = definition;
      const grant = { workspaceId: ports.workspaceId(), egress, secrets, mode: "live" as const };
      const request = new Request(url, { method, headers, signal, ...(body ? { body } : {}) });
      return hostedFetch(ports.env, { code, grant }, request);
    },
  };
}
