import { openFromBrowser, sealForBrowser } from "#edge/gateway/secrets/sealed-for-browser";
import type { Services } from "#edge/services";

/**
 * Who signed in on the page of a run, for that browser's next requests to `/runs` and their event
 * streams. It holds the credential, sealed: whoever revokes the credential ends the sign-in with it.
 * It comes along on links from elsewhere (`Lax`), and lets its holder read, nothing else.
 */
const name = "aerostack-reader";
const context = ["run-reader"];
const hours = 12;

/** A whole `Set-Cookie` value. */
export async function readerCookie(services: Services, credential: string): Promise<string> {
  const until = services.now() + hours * 3_600_000;
  const sealed = await sealForBrowser(services, context, { value: credential, until });
  // Browsers differ in whether loopback without TLS is secure enough for `Secure`.
  const secure = services.baseUrl.startsWith("https:") ? " Secure;" : "";
  return `${name}=${sealed}; Path=/runs; HttpOnly; SameSite=Lax;${secure} Max-Age=${hours * 3600}`;
}

/** Undefined: nobody signed in, or too long ago. */
export async function credentialOf(
  services: Services,
  request: Request,
): Promise<string | undefined> {
  const cookies = request.headers.get("Cookie") ?? "";
  const sealed = new RegExp(`(?:^|; *)${name}=([\\w.-]+)`).exec(cookies)?.[1];
  if (sealed === undefined) return undefined;
  const credential = await openFromBrowser(services, context, sealed);
  return typeof credential === "string" ? credential : undefined;
}
