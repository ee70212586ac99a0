CREATE TABLE pinned_links (
  alias TEXT PRIMARY KEY,
  url TEXT NOT NULL,
  pinned_at INTEGER NOT NULL
);
CREATE TABLE tool_pins (
  alias TEXT NOT NULL,
  tool TEXT NOT NULL,
  hash TEXT NOT NULL,
  definition TEXT NOT NULL,
  pinned_at INTEGER NOT NULL,
  PRIMARY KEY (alias, tool)
);
