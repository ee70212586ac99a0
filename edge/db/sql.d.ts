/** `wrangler.toml` bundles `*.sql` as text. */
declare module "*.sql" {
  const text: string;
  // oxlint-disable-next-line import/no-default-export -- the form that the bundler gives a text file
  export default text;
}
