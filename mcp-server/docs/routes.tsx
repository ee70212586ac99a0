import { type Context, Hono } from "hono";
import { raw } from "hono/html";
import { marked } from "marked";
import { InputError } from "#blueprints/error";
import type { Env } from "#edge/env";
import { type Guide, guides } from "./guides.ts";
import style from "./docs.css";

/** The guides at `/docs`: HTML for a browser, Markdown for everything else. */
export const docsRoutes = new Hono<{ Bindings: Env }>();

function wantsHtml(context: Context): boolean {
  return (context.req.header("Accept") ?? "").includes("text/html");
}

const Page = ({ guide }: { guide: Guide }) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>{guide.title} · Aerostack</title>
      <style>{raw(style)}</style>
    </head>
    <body>
      <nav aria-label="Guides">
        <strong>Aerostack</strong>
        <ul>
          {Object.values(guides).map(({ name, title }) => (
            <li>
              <a href={`/docs/${name}`} aria-current={name === guide.name ? "page" : undefined}>
                {title}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      {/* Our own text, bundled with the Worker: nothing of a user's gets in here. */}
      <main>{raw(marked.parse(guide.markdown, { async: false }))}</main>
    </body>
  </html>
);

function show(context: Context, guide: Guide): Response | Promise<Response> {
  context.header("Vary", "Accept");
  context.header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
  if (wantsHtml(context)) return context.html(<Page guide={guide} />);
  return context.text(guide.markdown, 200, { "Content-Type": "text/markdown; charset=utf-8" });
}

docsRoutes.get("/", (context) => show(context, guides["getting-started"] as Guide));
docsRoutes.get("/:name", (context) => {
  const name = context.req.param("name").replace(/\.md$/, "");
  const guide = Object.hasOwn(guides, name) ? guides[name] : undefined;
  if (guide) return show(context, guide);
  throw new InputError("docs.not-found", `There is no guide named "${name}".`, {
    fix: `Choose one of: ${Object.keys(guides).join(", ")}.`,
    status: 404,
  });
});
