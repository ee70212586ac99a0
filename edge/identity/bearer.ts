/** The credential in `Authorization: Bearer ...` (RFC 6750, 2.1); undefined where there is none. */
export function bearer(request: Request): string | undefined {
  const header = request.headers.get("Authorization") ?? "";
  return /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i.exec(header)?.[1];
}
