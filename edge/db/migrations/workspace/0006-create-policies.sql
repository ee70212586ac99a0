CREATE TABLE policies (
  name TEXT PRIMARY KEY,
  definition TEXT NOT NULL
);
CREATE TABLE token_limits (
  token_id TEXT PRIMARY KEY,
  counts_as TEXT NOT NULL,
  per_minute INTEGER,
  per_day INTEGER
);
CREATE TABLE token_days (
  token_id TEXT NOT NULL,
  day TEXT NOT NULL,
  calls INTEGER NOT NULL,
  PRIMARY KEY (token_id, day)
);
CREATE TABLE settings (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
);
CREATE TABLE captured_calls (
  call_id TEXT PRIMARY KEY,
  arguments TEXT NOT NULL,
  result TEXT NOT NULL
);
