import { InputError } from "#blueprints/error";
import type { LiveEndpoint } from "#edge/gateway/live-items";
import { isBoundTo } from "#edge/gateway/secrets/host-binding";
import { type AddressSettings, assertReachable } from "#edge/isolates/address";
import type { Callback } from "#edge/workflow/run-api";

/** Where the end of this call's run is told, if another address than the endpoint's own is wanted. */
export const callbackHeader = "Aerostack-Callback";

/** Characters of the address. */
const longest = 2_000;

/**
 * Who is told when the run of this call ends: the address in the request, else the endpoint's own.
 * Only hosts that the signing secret is bound to, and never private addresses.
 * @throws InputError `endpoint.no-callback`, `endpoint.bad-callback` (400), `egress.*`
 */
export function callbackOf(
  request: Request,
  endpoint: LiveEndpoint | undefined,
  settings: AddressSettings,
): Callback | undefined {
  const wanted = request.headers.get(callbackHeader)?.trim();
  const known = endpoint?.callback;
  if (known === undefined) {
    if (wanted === undefined) return undefined;
    throw new InputError("endpoint.no-callback", "This endpoint makes no callbacks.", {
      fix: "Give the endpoint a `callback` with a signing secret, or ask for the run by its id.",
    });
  }
  const { secret, hosts } = known;
  const url = wanted ?? known.url;
  if (url === undefined) return undefined;
  const { host, href, username, password } = assertReachable(url, settings);
  const isAllowed = isBoundTo(hosts, host) && username + password === "";
  if (isAllowed && href.length <= longest) return { url: href, secret, hosts };
  throw new InputError(
    "endpoint.bad-callback",
    `Callbacks do not go to "${host.slice(0, 200)}", or not in this form.`,
    { fix: `Use one of these hosts: ${hosts.join(", ")}; no user name, at most 2,000 characters.` },
  );
}
