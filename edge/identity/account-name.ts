/** The `name` in `@name/...`; at most 39 characters. */
export const accountNamePattern = /^[a-z0-9][a-z0-9-]{0,38}$/;

/** Names that would read as the platform speaking, or as a route. */
export const reservedAccountNames: ReadonlySet<string> = new Set([
  "aerostack",
  "admin",
  "administrator",
  "anonymous",
  "api",
  "docs",
  "everyone",
  "help",
  "mcp",
  "me",
  "official",
  "operator",
  "platform",
  "public",
  "registry",
  "root",
  "security",
  "support",
  "system",
  "workspace",
  "www",
]);
