import { UpstreamError } from "#blueprints/error";

/**
 * A person with a browser, reduced to what the pages need: open the link, read the form, fill it
 * in, send it. Works on the HTML alone, so it breaks when the page stops being a plain form.
 */
export async function enterSecret(url: string, value: string): Promise<string> {
  const { action, field, hidden } = readForm(url, await page(url));
  return submit(action, { ...hidden, [field]: value });
}

/**
 * Opens a claim link and presses its button; answers the key or token that the page shows once.
 * `proof`: what the form wants to know of an invited member, their e-mail address or account key.
 */
export async function claim(url: string, proof?: string): Promise<string> {
  const { action, field, hidden } = readForm(url, await page(url));
  const shown = await submit(action, proof === undefined ? hidden : { ...hidden, [field]: proof });
  const value = /\b(?:ak|wt)_[A-Za-z0-9_-]{20,}/.exec(shown)?.[0];
  if (!value) throw new UpstreamError("person.nothing-shown", `The page at ${url} showed no key.`);
  return value;
}

async function page(url: string): Promise<string> {
  const response = await fetch(url, { headers: { Accept: "text/html" } });
  const html = await response.text();
  if (response.ok) return html;
  throw new UpstreamError("person.page-failed", `The page at ${url} answered ${response.status}.`);
}

async function submit(action: string, fields: Record<string, string>): Promise<string> {
  const response = await fetch(action, {
    method: "POST",
    headers: {
      Accept: "text/html",
      "Content-Type": "application/x-www-form-urlencoded",
      Origin: new URL(action).origin,
    },
    body: new URLSearchParams(fields),
  });
  const html = await response.text();
  if (response.ok) return html;
  throw new UpstreamError(
    "person.form-refused",
    `The form answered ${response.status}: ${words(html)}`,
  );
}

function readForm(url: string, html: string) {
  const form = /<form\b([^>]*)>([\s\S]*?)<\/form>/.exec(html);
  if (!form) throw new UpstreamError("person.no-form", `The page at ${url} has no form.`);
  const inputs = [...(form[2] ?? "").matchAll(/<(?:input|textarea)\b([^>]*)>/g)].map(
    ([, text = ""]) => ({
      name: attribute(text, "name"),
      type: attribute(text, "type"),
      value: attribute(text, "value"),
    }),
  );
  const hidden = inputs.filter((input) => input.type === "hidden");
  return {
    action: new URL(attribute(form[1] ?? "", "action") || url, url).href,
    field: inputs.find((input) => input.type !== "hidden" && input.name)?.name ?? "value",
    hidden: Object.fromEntries(hidden.map((input) => [input.name, input.value])),
  };
}

const attribute = (tag: string, name: string): string =>
  (new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? "").replaceAll("&amp;", "&");

const words = (html: string): string =>
  html
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .slice(0, 300);
