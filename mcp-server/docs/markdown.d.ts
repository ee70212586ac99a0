/** `wrangler.toml` bundles `*.md` as text. */
declare module "*.md" {
  const text: string;
  // oxlint-disable-next-line import/no-default-export -- the form that the bundler gives a text file
  export default text;
}

/** `wrangler.toml` bundles `*.css` as text. */
declare module "*.css" {
  const text: string;
  // oxlint-disable-next-line import/no-default-export -- the form that the bundler gives a text file
  export default text;
}
