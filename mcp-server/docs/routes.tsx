import { type Context, Hono } from "hono";
import { raw } from "hono/html";
import { marked } from "marked";
import { InputError } from "#blueprints/error";
import { baseUrl, type Env } from "#edge/env";
import { type Guide, guides, markdownAt } from "./guides.ts";
import style from "./docs.css";

/** The guides at `/docs`: HTML for a browser, Markdown for everything else. */
export const docsRoutes = new Hono<{ Bindings: Env }>();

function wantsHtml(context: Context): boolean {
  return (context.req.header("Accept") ?? "").includes("text/html");
}

const Page = ({ guide, markdown }: { guide: Guide; markdown: string }) => (
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
      <main>{raw(marked.parse(markdown, { async: false }))}</main>
    </body>
  </html>
);

function show(context: Context<{ Bindings: Env }>, guide: Guide): Response | Promise<Response> {
  const markdown = markdownAt(guide, baseUrl(context.env, context.req.raw));
  context.header("Vary", "Accept");
  context.header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
  if (wantsHtml(context)) return context.html(<Page guide={guide} markdown={markdown} />);
  return context.text(markdown, 200, { "Content-Type": "text/markdown; charset=utf-8" });
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
