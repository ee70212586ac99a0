CREATE TABLE identity (
  id TEXT PRIMARY KEY,
  slug TEXT NOT NULL,
  name TEXT NOT NULL,
  account_id TEXT NOT NULL
);
CREATE TABLE data_keys (
  id TEXT PRIMARY KEY,
  master_key_id TEXT NOT NULL,
  iv BLOB NOT NULL,
  wrapped BLOB NOT NULL,
  created_at INTEGER NOT NULL
);
CREATE TABLE secrets (
  name TEXT PRIMARY KEY,
  purpose TEXT NOT NULL,
  kind TEXT NOT NULL,
  hosts TEXT NOT NULL,
  version INTEGER NOT NULL,
  data_key_id TEXT REFERENCES data_keys(id),
  iv BLOB,
  ciphertext BLOB,
  updated_at INTEGER
);
CREATE TABLE tokens (
  id TEXT PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  member TEXT NOT NULL,
  role TEXT NOT NULL,
  tools TEXT,
  expires_at INTEGER,
  created_at INTEGER NOT NULL,
  last_used_at INTEGER,
  revoked_at INTEGER
);
CREATE TABLE links (
  alias TEXT PRIMARY KEY,
  definition TEXT NOT NULL,
  state TEXT NOT NULL,
  problem TEXT,
  tools TEXT NOT NULL,
  era TEXT,
  refreshed_at INTEGER
);
CREATE TABLE live_items (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  definition TEXT NOT NULL,
  PRIMARY KEY (kind, name)
);
