CREATE TABLE calls (
  id TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  mcp TEXT NOT NULL,
  tool TEXT NOT NULL,
  token_id TEXT,
  member TEXT,
  client TEXT,
  latency_ms REAL NOT NULL,
  upstream_ms REAL NOT NULL,
  request_bytes INTEGER NOT NULL,
  response_bytes INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  error_code TEXT,
  run_id TEXT
);
CREATE INDEX calls_by_time ON calls(at);
CREATE TABLE runs (
  id TEXT PRIMARY KEY,
  workflow TEXT NOT NULL,
  version INTEGER NOT NULL,
  status TEXT NOT NULL,
  trigger TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  error TEXT
);
CREATE INDEX runs_by_workflow ON runs(workflow, started_at);
