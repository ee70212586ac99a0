CREATE TABLE resources (
  id TEXT PRIMARY KEY,
  workspace_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  latest_version INTEGER NOT NULL,
  blueprint_id TEXT NOT NULL,
  live_version INTEGER,
  previous_version INTEGER,
  created_at INTEGER NOT NULL,
  deleted_at INTEGER
);
CREATE UNIQUE INDEX resources_by_name ON resources(workspace_id, kind, name) WHERE deleted_at IS NULL;
CREATE INDEX resources_by_account ON resources(account_id, kind);
CREATE TABLE resource_versions (
  resource_id TEXT NOT NULL REFERENCES resources(id),
  version INTEGER NOT NULL,
  blueprint_id TEXT NOT NULL,
  definition TEXT NOT NULL,
  compiled TEXT NOT NULL,
  hash TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  deployed_at INTEGER,
  PRIMARY KEY (resource_id, version)
);
CREATE TABLE deployments (
  id TEXT PRIMARY KEY,
  workspace_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  state TEXT NOT NULL,
  resources TEXT NOT NULL,
  tests TEXT NOT NULL,
  created_at INTEGER NOT NULL
);
CREATE INDEX deployments_by_workspace ON deployments(workspace_id, created_at);
CREATE TABLE deploy_locks (
  workspace_id TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  expires_at INTEGER NOT NULL
);
CREATE TABLE webhooks (
  id TEXT PRIMARY KEY,
  workspace_id TEXT NOT NULL,
  name TEXT NOT NULL
);
