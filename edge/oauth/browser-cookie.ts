/**
 * Ties the way back from an authorization server to the browser that left: a link with a foreign
 * code does nothing in another one. `__Host-` keeps it to this host and to https (or loopback).
 */
const name = "__Host-aerostack-connect";

export function cookieFor(browser: string): string {
  return `${name}=${browser}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600`;
}

export function browserOf(request: Request): string {
  const cookies = request.headers.get("Cookie") ?? "";
  return new RegExp(`(?:^|; *)${name}=([A-Za-z0-9_-]+)`).exec(cookies)?.[1] ?? "";
}
