CREATE TABLE plans (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  intent TEXT NOT NULL,
  answer TEXT NOT NULL,
  created_at INTEGER NOT NULL
);
CREATE TABLE scaffolds (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  plan_id TEXT,
  blueprint TEXT NOT NULL,
  created_at INTEGER NOT NULL
);
CREATE TABLE blueprints (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  workspace_id TEXT NOT NULL,
  name TEXT NOT NULL,
  document TEXT NOT NULL,
  resources TEXT NOT NULL,
  created_at INTEGER NOT NULL
);
