import { Buffer } from "node:buffer";
import type { Context } from "hono";
import { html } from "hono/html";
import type { Child, FC } from "hono/jsx";
import { copyScript } from "./copy-script.ts";
import { style } from "./style.ts";

/** What one page says, before it is dressed. */
export interface View {
  /** Of the browser's tab; the name of the platform is added. */
  readonly title: string;
  readonly body: Child;
  /** The same for a program that asked for JSON. */
  readonly json: Record<string, unknown>;
  /**
   * Where the browser moves on to by itself. Not a redirect: browsers hold one that follows a form
   * to the page's `form-action`, through all the redirects that others may add.
   */
  readonly next?: string;
  /** A whole `Set-Cookie` value. */
  readonly cookie?: string;
  /** Lets the one script in that works them. */
  readonly hasCopyButtons?: boolean;
}

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'%3E%3Cg fill='none' stroke='%233f6cf0' stroke-width='2.2' stroke-linejoin='round'%3E%3Cpath d='m12 3 9 4.8-9 4.8-9-4.8z'/%3E%3Cpath d='m3.5 12.3 8.5 4.5 8.5-4.5M3.5 16.6l8.5 4.5 8.5-4.5'/%3E%3C/g%3E%3C/svg%3E";

const Layout: FC<{ view: View }> = ({ view: { title, body, hasCopyButtons } }) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="robots" content="noindex" />
      <title>{title} · Aerostack</title>
      <link rel="icon" href={icon} />
      <style dangerouslySetInnerHTML={{ __html: style }} />
    </head>
    <body>
      <header class="brand">
        <svg
          viewBox="0 0 24 24"
          fill="none"
          stroke="currentColor"
          stroke-width="2"
          stroke-linejoin="round"
          stroke-linecap="round"
          aria-hidden="true"
        >
          <path d="m12 3 9 4.8-9 4.8-9-4.8z" />
          <path d="m3.5 12.3 8.5 4.5 8.5-4.5M3.5 16.6l8.5 4.5 8.5-4.5" />
        </svg>
        Aerostack
      </header>
      <main>{body}</main>
      <footer>Nobody needs to see your credentials. Never paste one into a chat.</footer>
      {hasCopyButtons ? <script dangerouslySetInnerHTML={{ __html: copyScript }} /> : null}
    </body>
  </html>
);

/**
 * Answers a page, or its JSON where the reader prefers that. Other scripts, frames, caches and referrers
 * are shut out; a form may post to ourselves only.
 */
export async function answer(context: Context, view: View, status = 200): Promise<Response> {
  await protect(context, view.hasCopyButtons);
  if (view.next !== undefined) context.header("Refresh", `0;url=${view.next}`);
  if (view.cookie !== undefined) context.header("Set-Cookie", view.cookie, { append: true });
  if (prefersJson(context.req.raw)) return context.json(view.json, status as 200);
  const page = <Layout view={view} />;
  return context.html(html`<!doctype html>${page}`, status as 200);
}

/** The headers of every answer around a ticket, errors included. */
export async function protect(context: Context, hasCopyButtons = false): Promise<void> {
  styleHash ??= await hashOf(style);
  scriptHash ??= await hashOf(copyScript);
  const policy = [
    "default-src 'none'",
    `style-src '${styleHash}'`,
    ...(hasCopyButtons ? [`script-src '${scriptHash}'`] : []),
    "img-src data:",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ];
  context.header("Content-Security-Policy", policy.join("; "));
  context.header("X-Frame-Options", "DENY");
  context.header("X-Content-Type-Options", "nosniff");
  context.header("Referrer-Policy", "no-referrer");
  context.header("Cache-Control", "no-store");
  context.header("Vary", "Accept");
}

/** A program: it names JSON and does not also name HTML, as browsers do. */
export function prefersJson(request: Request): boolean {
  const accept = request.headers.get("Accept") ?? "";
  return accept.includes("application/json") && !accept.includes("text/html");
}

let styleHash: string | undefined;
let scriptHash: string | undefined;

async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `sha256-${Buffer.from(digest).toString("base64")}`;
}
