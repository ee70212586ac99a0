CREATE TABLE tickets (
  hash TEXT PRIMARY KEY,
  purpose TEXT NOT NULL,
  account_id TEXT NOT NULL,
  workspace_id TEXT,
  payload TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  claimed_until INTEGER,
  used_at INTEGER
);
CREATE INDEX tickets_by_expiry ON tickets(expires_at);
