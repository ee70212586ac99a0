CREATE TABLE origin (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  body TEXT NOT NULL,
  active_at INTEGER NOT NULL
);
CREATE TABLE inbox (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  user TEXT NOT NULL,
  name TEXT,
  text TEXT,
  reply_to TEXT,
  at INTEGER NOT NULL,
  state TEXT NOT NULL,
  run TEXT,
  attempts INTEGER NOT NULL
);
CREATE INDEX inbox_by_state ON inbox(state, seq);
CREATE TABLE waits (
  run TEXT NOT NULL,
  step TEXT NOT NULL,
  signal TEXT NOT NULL,
  user TEXT NOT NULL,
  message TEXT NOT NULL,
  in_words TEXT NOT NULL,
  until INTEGER,
  after_seq INTEGER NOT NULL,
  answered INTEGER NOT NULL,
  PRIMARY KEY (run, step)
);
CREATE TABLE outbox (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  key TEXT NOT NULL UNIQUE,
  text TEXT,
  at INTEGER NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  next_at INTEGER NOT NULL,
  reason TEXT
);
CREATE INDEX outbox_by_state ON outbox(state, seq);
CREATE TABLE history (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  speaker TEXT NOT NULL,
  user TEXT,
  text TEXT NOT NULL,
  at INTEGER NOT NULL
);
CREATE TABLE identities (
  user TEXT PRIMARY KEY,
  identity TEXT NOT NULL,
  until INTEGER NOT NULL
);
