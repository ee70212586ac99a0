import { InputError } from "#blueprints/error";

/**
 * Refuses a form that another site posts. A ticket is a capability and there are no cookies to
 * abuse, so this is a second wall: it keeps other sites from walking a person through a page.
 *
 * `Sec-Fetch-Site` decides where the browser sends it. Otherwise `Origin` does; it may be missing
 * (programs) or `null`, which is how browsers write it for our own pages, because they send no
 * referrer.
 */
export function assertSameSite(request: Request, baseUrl: string): void {
  const site = request.headers.get("Sec-Fetch-Site");
  if (site !== null) {
    if (site === "same-origin" || site === "none") return;
    throw crossSite();
  }
  const origin = request.headers.get("Origin");
  if (origin === null || origin === "null") return;
  if (origin !== new URL(request.url).origin && origin !== new URL(baseUrl).origin)
    throw crossSite();
}

function crossSite(): InputError {
  return new InputError("http.cross-site", "This form was sent from another site.", {
    status: 403,
    fix: "Open the link itself and enter the value there.",
  });
}
