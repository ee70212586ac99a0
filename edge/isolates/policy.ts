import { InputError } from "#blueprints/error";
import {
  type AddressSettings,
  assertReachable,
  hostName,
  matchesHost,
} from "#edge/isolates/address";
import { wholeUrlHandle } from "#edge/isolates/handles";
import type { IsolateGrant, Stub } from "#edge/isolates/isolate";

/**
 * Throws unless the grant lets a request go to `url`.
 * @throws InputError `egress.host-not-allowed`, `egress.secret-not-granted`, or what `assertReachable` throws
 */
export function assertAllowed(url: string, grant: IsolateGrant, settings: AddressSettings): void {
  const secret = wholeUrlHandle(url, grant.handleTag);
  if (secret !== undefined) return assertGranted(secret, grant);
  const parsed = assertReachable(url, settings);
  if (grant.egress.some((pattern) => isGranted(parsed, pattern.toLowerCase()))) return;
  throw new InputError(
    "egress.host-not-allowed",
    `${parsed.host} is not among the allowed hosts.`,
    {
      status: 403,
      fix: `Add "${parsed.host}" to "egress" in the blueprint and deploy again.`,
    },
  );
}

export function assertGranted(secret: string, grant: IsolateGrant): void {
  if (grant.secrets.includes(secret)) return;
  throw new InputError("egress.secret-not-granted", `The secret ${secret} is not granted.`, {
    status: 403,
    fix: `Add "${secret}" to "secrets" of the function or server in the blueprint and deploy again.`,
  });
}

/** A pattern without a port stands for the scheme's own port. */
function isGranted(url: URL, pattern: string): boolean {
  const [, host = pattern, port] = /^(.*?)(?::(\d+))?$/.exec(pattern) ?? [];
  const standard = url.protocol === "https:" ? "443" : "80";
  return (port ?? standard) === (url.port || standard) && matchesHost(hostName(url), host);
}

/** The answer that a test gives in place of the outside world: the first stub that names the host or secret, else 200 `{}`. */
export function stubFor(
  url: string,
  { handleTag }: Pick<IsolateGrant, "handleTag">,
  stubs: readonly Stub[],
): Response {
  const secret = wholeUrlHandle(url, handleTag);
  const { host, hostname } = new URL(url);
  const stub = stubs.find(({ match }) => [secret, host, hostname].includes(match));
  const body = stub?.body ?? {};
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const type = typeof body === "string" ? "text/plain" : "application/json";
  return new Response(text, { status: stub?.status ?? 200, headers: { "content-type": type } });
}
