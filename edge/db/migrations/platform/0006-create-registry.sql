CREATE TABLE registry_entries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  slug TEXT NOT NULL UNIQUE,
  account_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  visibility TEXT NOT NULL,
  latest TEXT NOT NULL,
  installs INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE TABLE registry_versions (
  slug TEXT NOT NULL REFERENCES registry_entries(slug),
  version TEXT NOT NULL,
  description TEXT NOT NULL,
  readme TEXT NOT NULL,
  tags TEXT NOT NULL,
  definition TEXT NOT NULL,
  compiled TEXT,
  adapters TEXT NOT NULL,
  integrity TEXT NOT NULL,
  published_at INTEGER NOT NULL,
  PRIMARY KEY (slug, version)
);
CREATE INDEX registry_entries_by_kind ON registry_entries(kind, slug);
CREATE TABLE installs (
  workspace_id TEXT NOT NULL,
  slug TEXT NOT NULL,
  version TEXT NOT NULL,
  integrity TEXT NOT NULL,
  resource_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (workspace_id, slug)
);
CREATE VIRTUAL TABLE registry_search USING fts5(
  name, description, tags, readme, tokenize = 'porter unicode61'
);
