import { Buffer } from "node:buffer";
import type { Context } from "hono";
import { html } from "hono/html";
import type { Child, FC } from "hono/jsx";
import { style } from "./style.ts";

export interface PageScript {
  /** Part of the program, the same for every page: it is let in by its hash. */
  readonly text: string;
  /** It asks this server again. */
  readonly connects?: true;
}

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
  /** The one script that is let in. The page is complete without it. */
  readonly script?: PageScript;
  /** Of this page alone, after the one that all have. */
  readonly style?: string;
  /** More than a column of text. */
  readonly isWide?: true;
}

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'%3E%3Cg fill='none' stroke='%233f6cf0' stroke-width='2.2' stroke-linejoin='round'%3E%3Cpath d='m12 3 9 4.8-9 4.8-9-4.8z'/%3E%3Cpath d='m3.5 12.3 8.5 4.5 8.5-4.5M3.5 16.6l8.5 4.5 8.5-4.5'/%3E%3C/g%3E%3C/svg%3E";

const Layout: FC<{ view: View }> = ({ view: { title, body, script, style: more, isWide } }) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="robots" content="noindex" />
      <title>{title} · Aerostack</title>
      <link rel="icon" href={icon} />
      <style dangerouslySetInnerHTML={{ __html: style }} />
      {more ? <style dangerouslySetInnerHTML={{ __html: more }} /> : null}
    </head>
    <body class={isWide ? "wide" : undefined}>
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
      {script ? <script dangerouslySetInnerHTML={{ __html: script.text }} /> : null}
    </body>
  </html>
);

/**
 * Answers a page, or its JSON where the reader prefers that. Other scripts, frames, caches and referrers
 * are shut out; a form may post to ourselves only.
 */
export async function answer(context: Context, view: View, status = 200): Promise<Response> {
  await protect(context, view);
  if (view.next !== undefined) context.header("Refresh", `0;url=${view.next}`);
  if (view.cookie !== undefined) context.header("Set-Cookie", view.cookie, { append: true });
  if (prefersJson(context.req.raw)) return context.json(view.json, status as 200);
  const page = <Layout view={view} />;
  return context.html(html`<!doctype html>${page}`, status as 200);
}

/** The headers of every answer around a ticket, errors included. */
export async function protect(
  context: Context,
  { script, style: more }: Pick<View, "script" | "style"> = {},
): Promise<void> {
  const styles = await Promise.all([style, ...(more ? [more] : [])].map(hashOf));
  const policy = [
    "default-src 'none'",
    `style-src ${styles.map((hash) => `'${hash}'`).join(" ")}`,
    ...(script ? [`script-src '${await hashOf(script.text)}'`] : []),
    ...(script?.connects ? ["connect-src 'self'"] : []),
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

/** Of the few texts that pages are made with. */
const hashes = new Map<string, string>();

async function hashOf(text: string): Promise<string> {
  const known = hashes.get(text);
  if (known !== undefined) return known;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const hash = `sha256-${Buffer.from(digest).toString("base64")}`;
  hashes.set(text, hash);
  return hash;
}
