CREATE TABLE history (
  run TEXT NOT NULL,
  seq INTEGER NOT NULL,
  part INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (run, seq, part)
);

CREATE TABLE wakes (
  run TEXT PRIMARY KEY,
  at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX wakes_by_time ON wakes (at);
