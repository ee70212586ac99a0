ALTER TABLE tokens ADD COLUMN client TEXT;
ALTER TABLE tokens ADD COLUMN parent_id TEXT;
CREATE TABLE connections (
  alias TEXT NOT NULL,
  member TEXT NOT NULL,
  registration TEXT NOT NULL,
  scope TEXT,
  expires_at INTEGER,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (alias, member)
);
